from __future__ import annotations

from collections.abc import Mapping

import pytest

from benchmarks.order import COMPETITORS, FIRST, LOADFILE, SECOND, SERIAL, Measured, count, fewer_than_by_file, page
from benchmarks.order_suites import PATTERNS, SIZES, draw_suites
from tests.functional.runs import run_pytest


def measured(*outcomes: str) -> Measured:
    return Measured(outcomes={f"test_{number}": (outcome,) for number, outcome in enumerate(outcomes)}, wall=1.0)


def results(**different: int) -> Mapping[str, Mapping[str, list[Measured]]]:
    """Four runs of each competitor, of which so many differ."""
    names = {"first": FIRST, "second": SECOND, "loadfile": LOADFILE}
    good, bad = measured("passed"), measured("failed")
    of_size = {name: [good] * 4 for name in (SERIAL, *COMPETITORS)}
    of_size |= {names[name]: [bad] * number + [good] * (4 - number) for name, number in different.items()}
    return {"tiny": of_size}


def test_every_pattern_comes_in_every_size_and_the_same_seed_draws_the_same() -> None:
    drawn = draw_suites(1)
    assert {(suite.pattern.name, suite.size.name) for suite in drawn} == {
        (pattern.name, size.name) for pattern in PATTERNS for size in SIZES
    }
    assert drawn == draw_suites(1)
    assert drawn != draw_suites(2)


@pytest.mark.slow
@pytest.mark.parametrize("pattern", ["registry", "cached singleton"])
def test_serial_runs_pass_and_those_in_reverse_order_do_not(pytester: pytest.Pytester, pattern: str) -> None:
    [suite] = [one for one in draw_suites(0) if (one.size.name, one.pattern.name) == ("tiny", pattern)]
    suite.write(pytester.path)
    assert run_pytest(pytester, "-q").ret == pytest.ExitCode.OK
    pytester.makeconftest("def pytest_collection_modifyitems(items): items.reverse()")
    assert run_pytest(pytester, "-q").ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(draw_suites(0))))
def test_the_serial_run_of_each_passes(pytester: pytest.Pytester, number: int) -> None:
    draw_suites(0)[number].write(pytester.path)
    assert run_pytest(pytester, "-q").ret == pytest.ExitCode.OK


def test_all_sources_are_python() -> None:
    for suite in draw_suites(0):
        for name, source in suite.sources.items():
            compile(source, name, "exec")


def test_runs_are_compared_with_the_serial_run_of_the_same_suite() -> None:
    serial = [measured("passed", "passed"), measured("passed", "failed")]
    found = count([measured("passed", "failed"), measured("passed", "failed")], serial)
    assert (found.runs, found.different) == (2, 1)


@pytest.mark.parametrize(("first", "second", "loadfile", "fewer"), [(1, 1, 1, True), (2, 0, 1, True), (2, 1, 1, False)])
def test_both_runs_together_must_not_differ_more_often(first: int, second: int, loadfile: int, *, fewer: bool) -> None:
    assert fewer_than_by_file(results(first=first, second=second, loadfile=loadfile)) is fewer


def test_the_page_has_a_row_for_each_competitor() -> None:
    text = page(results(first=1, loadfile=3), command="python -m benchmarks.order")
    assert "| `-n2 --dist loadfile` | 3 of 4 | 1.00 |" in text
    assert "| `--agents -n2`, first run | 1 of 4 | 1.00 |" in text
