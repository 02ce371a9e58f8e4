from __future__ import annotations

import pytest

from pytest_parallel_agents.causes import Cause, Ranking
from pytest_parallel_agents.model.results import Alone, Evidence, Failure, Finding, Level, Outcome, Result
from pytest_parallel_agents.reports.build import build
from pytest_parallel_agents.reports.causes import Located
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry
from pytest_parallel_agents.reports.failures import command, failures, headline, telling_lines
from pytest_parallel_agents.reports.report import Report

from .samples import FACTS, check

TRACEBACK = """\
    def test_total():
>       assert total([1]) == 2
test_cart.py:3:
_ _ _ _
src/cart.py:9: in total
    return prices[0] + rate()
src/cart.py:12: in rate
    raise TypeError
E   TypeError: no rate
E   of 3
src/cart.py:12: TypeError"""


def failed(text: str = "", message: str = "", **parts: object) -> CheckEntry:
    """The entry of a check that failed so."""
    failure = Failure(text=text) if text else None
    result = Result(check=check(0, "t.py::t"), outcome=Outcome.FAILED, message=message, failure=failure, **parts)  # type: ignore[arg-type]
    return build(FACTS, None, [result], Located()).checks[0]


def test_of_a_traceback_the_error_and_the_innermost_places_are_kept() -> None:
    assert telling_lines(failed(TRACEBACK), 5) == [
        "src/cart.py:9: in total",
        "src/cart.py:12: in rate",
        "E   TypeError: no rate",
        "E   of 3",
        "src/cart.py:12: TypeError",
        "... 6 more lines",
    ]
    assert telling_lines(failed(TRACEBACK), 2) == [
        "E   TypeError: no rate",
        "src/cart.py:12: TypeError",
        "... 9 more lines",
    ]


def test_of_any_other_text_both_ends_are_kept() -> None:
    text = "\n".join(map(str, range(9)))
    assert telling_lines(failed(text), 3) == ["0", "7", "8", "... 6 more lines"]
    assert telling_lines(failed(text), 9) == list("012345678")
    assert telling_lines(failed(message="no text"), 3) == ["no text"]


def test_findings_come_before_the_text_gravest_first() -> None:
    levels = (Level.NOTE, Level.ERROR, Level.WARNING)
    findings = tuple(
        Finding(rule="r", level=level, message="m\nn", path="a.py", line=line, fingerprint=str(line), check="t.py::t")
        for line, level in enumerate(levels, start=1)
    )
    lines = telling_lines(failed("3 findings", evidence=Evidence(findings=findings)), 2)
    assert lines == ["a.py:2: error r: m n", "a.py:3: warning r: m n", "... 1 more finding"]


@pytest.mark.parametrize("text", ["\x1b[2J" * 99, "E " + "x" * 10_000_000, "\x1b]8;;http://x\x07" * 9])
def test_lines_are_escaped_and_bounded(text: str) -> None:
    entry = failed(text, message=text)
    for line in (*telling_lines(entry, 9), headline(entry)):
        assert line.isprintable()
        assert len(line) < 250


def test_the_headline_is_the_first_line_or_the_outcome() -> None:
    assert headline(failed(message="\n  \nAssertionError: 1\nmore")) == "AssertionError: 1"
    assert headline(failed()) == "failed"


def test_what_passes_alone_is_repeated_with_what_ran_before_it() -> None:
    replayed = Alone(outcome=Outcome.PASSED, replay="pytest a b")
    assert command(failed(alone=replayed)) == "pytest a b"
    assert command(failed()) == ""


def of_causes(*clusters: int) -> Report:
    """Failures of causes with these numbers, 0 for none."""
    results = [Result(check=check(index, f"t.py::t{index}"), outcome=Outcome.FAILED) for index in range(len(clusters))]
    causes = tuple(
        Cause(
            path="a.py",
            function=f"f{cluster}",
            line=1,
            end_line=1,
            lines=(),
            score=1.0,
            rank_group=1,
            kinds=("test",),
            members=(),
            evidence=(),
            failures=tuple(f"t.py::t{index}" for index, each in enumerate(clusters) if each == cluster),
            cluster=cluster,
        )
        for cluster in sorted(set(clusters) - {0})
    )
    return build(FACTS, None, results, Located(ranking=Ranking(causes=causes)))


def test_one_failure_of_each_cause_comes_before_the_second_of_any() -> None:
    report = of_causes(1, 1, 1, 2, 2, 0)
    assert [each.name for each in failures(report)] == ["t0", "t3", "t5", "t1", "t4", "t2"]
