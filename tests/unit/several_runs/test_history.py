from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.reports.entries_of_history import GrowthEntry, HistoryEntry, TrendEntry
from pytest_parallel_agents.several_runs.history import (
    MOST_FAILING,
    MOST_FLAKY,
    MOST_GROWN,
    PastAttempt,
    PastCheck,
    PastFacts,
    PastRun,
    history,
    with_history,
)
from tests.unit.reports.samples import shop_report

P, F, E, S, X = Outcome.PASSED, Outcome.FAILED, Outcome.ERROR, Outcome.SKIPPED, Outcome.XFAILED


def past(
    nodeid: str, outcome: Outcome = P, duration: float = 1.0, attempts: Sequence[Outcome] | None = None
) -> PastCheck:
    tries = (outcome,) if attempts is None else attempts
    return PastCheck(
        nodeid=nodeid, outcome=outcome, duration=duration, attempts=tuple(PastAttempt(outcome=each) for each in tries)
    )


def run(*checks: PastCheck, commit: str | None = None, uncommitted: str = "", at: int = 1) -> PastRun:
    facts = PastFacts(started=f"2025-01-{at:02}", seconds=2.0, exit_code=1, commit=commit, uncommitted=uncommitted)
    return PastRun(run=facts, checks=checks)


def course(*outcomes: Outcome | None) -> HistoryEntry:
    """The history of one check that ended so, after runs in which it did not take part where that is None."""
    return history([run(*[past("a", each)] if each else []) for each in outcomes])


def only(found: HistoryEntry) -> TrendEntry:
    (trend,) = found.checks
    return trend


@pytest.mark.parametrize(
    ("outcomes", "failing_since", "passed_before"),
    [
        ([P, F, F], 1, 0),
        ([P, P, F], 2, 1),
        ([F, P, F], 2, 1),
        ([F, F, E], 0, None),
        ([None, F], 1, None),
        ([P, None, F, None, F], 2, 0),
        ([P, S, F, S, F], 2, 0),
        ([F, X, F], 2, None),
        ([P, X, F], 2, 0),
    ],
)
def test_a_check_fails_since_the_first_of_its_failures_in_a_row(
    outcomes: list[Outcome | None], failing_since: int, passed_before: int | None
) -> None:
    trend = only(course(*outcomes))

    assert (trend.failing_since, trend.passed_before) == (failing_since, passed_before)
    assert trend.outcomes == tuple(outcomes)
    assert trend.seconds == tuple(None if each is None else 1.0 for each in outcomes)


@pytest.mark.parametrize("outcomes", [[P, P], [F, P], [F, S], [F, X], [X, X]])
def test_a_check_that_does_not_fail_now_is_not_shown(outcomes: list[Outcome]) -> None:
    assert course(*outcomes).checks == ()


def test_runs_come_with_how_their_checks_ended() -> None:
    found = history([run(past("a"), past("b", F), commit="c1", at=1), run(past("a"), past("b"), uncommitted="d", at=2)])

    first, second = found.runs
    assert (first.started, first.commit, first.outcomes) == ("2025-01-01", "c1", {P: 1, F: 1})
    assert (second.started, second.uncommitted, second.outcomes) == ("2025-01-02", "d", {P: 2})


@pytest.mark.parametrize(
    ("codes", "is_flaky"),
    [
        ([("c1", ""), ("c1", "")], True),
        ([("c1", "d1"), ("c1", "d1")], True),
        ([("c1", ""), ("c2", "")], False),
        ([("c1", ""), ("c1", "d1")], False),
        ([(None, ""), (None, "")], False),
    ],
)
def test_a_check_that_passes_and_fails_on_the_same_code_is_flaky(
    codes: list[tuple[str | None, str]], *, is_flaky: bool
) -> None:
    runs = [
        run(past("a", outcome), commit=commit, uncommitted=uncommitted)
        for outcome, (commit, uncommitted) in zip([F, P], codes, strict=True)
    ]

    flaky = [trend.flaky for trend in history(runs).checks]
    assert flaky == (["passed and failed on the same code (1 commit)"] if is_flaky else [])


def test_a_check_that_passed_when_tried_again_is_flaky() -> None:
    trend = only(history([run(past("a", P, attempts=[F, P])), run(past("a")), run(past("a", P, attempts=[E, F, P]))]))

    assert trend.flaky == "passed only when tried again (2 runs)"
    assert trend.failing_since is None


def test_a_check_whose_attempts_all_failed_is_not_flaky() -> None:
    assert only(history([run(past("a", F, attempts=[F, F])), run(past("a", F))])).flaky == ""


@pytest.mark.parametrize(
    ("seconds", "growth"),
    [
        ([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 9.0], (1.0, 2.0)),
        ([1.0, 1.0, 2.0, 2.0], (1.0, 2.0)),
        ([1.0, 1.0, 2.0], None),
        ([1.0, 1.0, 1.1, 1.1], None),
        ([0.01, 0.01, 0.05, 0.05], None),
        ([2.0, 2.0, 1.0, 1.0], None),
    ],
)
def test_growth_is_between_medians_and_above_what_a_busy_machine_makes(
    seconds: list[float], growth: tuple[float, float] | None
) -> None:
    found = history([run(past("a", P, each)) for each in seconds])

    expected = [] if growth is None else [GrowthEntry(before=growth[0], now=growth[1])]
    assert [trend.growth for trend in found.checks] == expected


def test_runs_that_failed_show_nothing_about_growth() -> None:
    passes = [run(past("a", P, 1.0))] * 4
    failures = [run(past("a", F, 90.0))] * 4

    assert history([*passes, *failures, passes[0]]).checks == ()
    assert only(history([*passes, *failures])).growth is None


def test_failures_come_first_and_what_is_left_out_is_counted() -> None:
    slow = [past(f"slow{n}", P, 1.0) for n in range(MOST_GROWN + 5)]
    flaky = [past(f"flaky{n}", P, attempts=[F, P]) for n in range(MOST_FLAKY + 7)]
    failing = [past(f"failing{n}", F) for n in range(MOST_FAILING + 9)]
    grown = [past(f"slow{n}", P, 2.0 + n) for n in range(MOST_GROWN + 5)]
    before, now = run(*slow, *flaky, *failing), run(*grown, *flaky, *failing)

    found = history([before, before, now, now])

    names = [trend.nodeid for trend in found.checks]
    assert names[:MOST_FAILING] == [check.nodeid for check in failing[:MOST_FAILING]]
    assert names[MOST_FAILING:-MOST_GROWN] == [check.nodeid for check in flaky[:MOST_FLAKY]]
    assert names[-MOST_GROWN:] == [f"slow{n}" for n in reversed(range(5, MOST_GROWN + 5))]
    assert found.left_out == 7 + 9


def test_checks_of_earlier_runs_alone_are_not_shown() -> None:
    assert course(F, F, None).checks == ()


def test_a_report_without_earlier_ones_has_no_history() -> None:
    assert with_history(shop_report(), []) == shop_report()


def test_the_report_itself_is_the_last_run() -> None:
    report = shop_report()
    earlier = run(past("tests/test_cart.py::test_total"), commit="c1")

    found = with_history(report, [earlier]).history

    assert found is not None
    assert [each.started for each in found.runs] == ["2025-01-01", report.run.started]
    trends = {trend.nodeid: trend for trend in found.checks}
    assert trends["tests/test_cart.py::test_total"].passed_before == 0
    assert trends["pyproject.toml::mypy"].passed_before is None
    assert msgspec.json.decode(msgspec.json.encode(found), type=HistoryEntry) == found


def test_a_name_that_is_not_unicode_is_found_in_kept_reports() -> None:
    kept, now = run(past("test_\\udcff.py::t")), run(past("test_\udcff.py::t", F))

    trend = only(history([kept, now]))

    assert (trend.nodeid, trend.passed_before) == ("test_\udcff.py::t", 0)
