"""Whatever a test does, its reports are those of plain serial pytest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from benchmarks.junit import differences, parse
from tests.functional.runs import run_pytest
from tests.functional.workers import torture
from tests.functional.workers.conftest import Agents
from tests.functional.workers.records import Records, read, recorded

STYLES = [
    pytest.param(arguments, id=" ".join(arguments) or "plain", marks=marks)
    for arguments, marks in [
        ([], []),
        (["--color=yes", "-vv"], [pytest.mark.slow]),
        (["-s"], [pytest.mark.slow]),
        (["--tb=short"], [pytest.mark.slow]),
        (["--tb=line"], [pytest.mark.slow]),
        (["-pno:logging", "--capture=sys"], [pytest.mark.slow]),
    ]
]


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8:backslashreplace")  # some of what it prints is no text
    monkeypatch.setenv("PYTHONHASHSEED", "0")  # pytest colours levels by a set
    for name, source in torture.FILES.items():
        path = pytester.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, "utf-8")
    return pytester


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """The output of a run, serially and on workers."""

    serial: Records
    parallel: Records
    junit_differences: list[str]
    exit_codes: tuple[int, int]


Compare = Callable[..., Both]


@pytest.fixture
def compare(pytester: pytest.Pytester, agents: Agents) -> Compare:
    def compare(*args: str) -> Both:
        serial = run_pytest(pytester, "-pno:cacheprovider", *recorded(pytester, "serial"), *args)
        parallel = agents(*recorded(pytester, "parallel"), *args)
        left, right = (parse((pytester.path / f"{name}.xml").read_text("utf-8")) for name in ("serial", "parallel"))
        return Both(
            serial=read(pytester.path / "serial.jsonl"),
            parallel=read(pytester.path / "parallel.jsonl"),
            junit_differences=differences(left, right),
            exit_codes=(int(serial.ret), parallel.exit_code),
        )

    return compare


def assert_same(both: Both) -> None:
    assert both.parallel.keys() == both.serial.keys()
    for nodeid, reports in both.serial.items():
        assert both.parallel[nodeid] == reports
    assert both.junit_differences == []
    assert both.exit_codes[0] == both.exit_codes[1]


@pytest.mark.parametrize("style", STYLES)
def test_the_torture_suite(suite: pytest.Pytester, compare: Compare, style: list[str]) -> None:
    assert_same(compare(*style))


@pytest.mark.slow
def test_subtests_of_unittest(pytester: pytest.Pytester, compare: Compare) -> None:
    pytester.makepyfile("""
        import unittest

        class TestIt(unittest.TestCase):
            def test_it(self):
                for number in range(3):
                    with self.subTest("part", number=number):
                        self.assertNotEqual(number, 1)
    """)
    both = compare()

    def outcomes(records: Records) -> list[tuple[str, str]]:
        return [(report["when"], report["outcome"]) for reports in records.values() for report in reports]

    assert outcomes(both.parallel) == outcomes(both.serial)
    assert both.exit_codes == (1, 1)


SKIPS_TEARDOWN = """
    import pytest
    def pytest_runtest_teardown(item):
        if item.get_closest_marker("stuck"):
            raise RuntimeError("before pytest tears down")
"""
STUCK = """
    import pytest
    @pytest.mark.stuck
    def test_a(): pass
    def test_b(): pass
    def test_c(): pass
    @pytest.mark.stuck
    def test_d(): pass
"""


@pytest.mark.slow
def test_after_a_hook_that_keeps_pytest_from_tearing_down(pytester: pytest.Pytester, compare: Compare) -> None:
    """The next test fails for it, wherever it is, and the one after that does not."""
    pytester.makeconftest(SKIPS_TEARDOWN)
    pytester.makepyfile(test_one=STUCK, test_other=STUCK)
    both = compare("-n1", "-Wignore::pytest.PytestUnknownMarkWarning")
    assert_same(both)
    assert both.serial["test_other.py::test_b"][0]["outcome"] == "failed"
    assert both.serial["test_other.py::test_c"][0]["outcome"] == "passed"


@pytest.mark.slow
@pytest.mark.parametrize(("options", "ends"), [([], "1 passed, 1 warning"), (["-Werror"], "1 passed, 1 error")])
def test_a_warning_of_what_a_worker_ends_last(
    pytester: pytest.Pytester, agents: Agents, options: list[str], ends: str
) -> None:
    pytester.makepyfile("""
        import warnings
        import pytest

        @pytest.fixture(scope="session")
        def wide():
            yield
            warnings.warn("late", FutureWarning)

        def test_it(wide): pass
    """)

    assert f"= {ends} in " in run_pytest(pytester, *options).stdout.str()
    assert f"= {ends} in " in agents("-n1", *options).stdout
