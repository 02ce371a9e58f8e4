from __future__ import annotations

from collections.abc import Sequence
from copy import copy

import pytest

from pytest_parallel_agents.agents.evidence import EVIDENCE, to_wire
from pytest_parallel_agents.controller.results.outcome_writer import Outcomes
from pytest_parallel_agents.controller.results.store import ResultStore
from pytest_parallel_agents.model.plan import Check
from pytest_parallel_agents.model.results import Evidence, Finding, Level, Outcome

NODEID = "a.py::test_it"


def report(when: str, outcome: str, *, xfail: bool = False, longrepr: object = None) -> pytest.TestReport:
    made = pytest.TestReport(
        nodeid=NODEID,
        location=("a.py", 0, "test_it"),
        keywords={},
        outcome=outcome,  # type: ignore[arg-type]
        longrepr=longrepr or (f"{when} {outcome}" if outcome != "passed" else None),  # type: ignore[arg-type]
        when=when,  # type: ignore[arg-type]
    )
    if xfail:
        made.wasxfail = "known"
    return made


SETUP, CALL, TEARDOWN = (report(when, "passed") for when in ("setup", "call", "teardown"))
CALL_FAILED = report("call", "failed")
TEARDOWN_FAILED = report("teardown", "failed")
RERUN = report("call", "rerun")


@pytest.fixture
def store() -> ResultStore:
    return ResultStore([Check(index=0, nodeid=NODEID, kind="test", name="test_it")])


@pytest.fixture
def outcomes(store: ResultStore) -> Outcomes:
    return Outcomes(store)


@pytest.mark.parametrize(
    ("reports", "outcome", "message"),
    [
        pytest.param([SETUP, CALL, TEARDOWN], Outcome.PASSED, "", id="passed"),
        pytest.param([SETUP, CALL_FAILED, TEARDOWN], Outcome.FAILED, "call failed", id="failed"),
        pytest.param([report("setup", "failed"), TEARDOWN], Outcome.ERROR, "setup failed", id="set-up failed"),
        pytest.param([SETUP, CALL, TEARDOWN_FAILED], Outcome.ERROR, "teardown failed", id="tear-down failed"),
        pytest.param([SETUP, CALL_FAILED, TEARDOWN_FAILED], Outcome.FAILED, "call failed", id="call explains"),
        pytest.param([report("setup", "failed"), TEARDOWN_FAILED], Outcome.ERROR, "setup failed", id="set-up explains"),
        pytest.param([report("setup", "skipped"), TEARDOWN], Outcome.SKIPPED, "setup skipped", id="skipped by mark"),
        pytest.param([SETUP, report("call", "skipped"), TEARDOWN], Outcome.SKIPPED, "call skipped", id="skipped"),
        pytest.param([SETUP, report("call", "skipped"), TEARDOWN_FAILED], Outcome.ERROR, "teardown failed", id="worse"),
        pytest.param([SETUP, report("call", "skipped", xfail=True), TEARDOWN], Outcome.XFAILED, "call skipped", id="x"),
        pytest.param([report("setup", "skipped", xfail=True)], Outcome.XFAILED, "setup skipped", id="xfail run=False"),
        pytest.param([SETUP, report("call", "passed", xfail=True), TEARDOWN], Outcome.XPASSED, "", id="xpassed"),
        pytest.param([SETUP, CALL, CALL, CALL_FAILED, TEARDOWN], Outcome.FAILED, "call failed", id="one subtest"),
        pytest.param([SETUP, CALL_FAILED, CALL, TEARDOWN], Outcome.FAILED, "call failed", id="subtest before call"),
        pytest.param([SETUP, RERUN, SETUP, CALL, TEARDOWN], Outcome.PASSED, "", id="passed when tried again"),
        pytest.param([SETUP, RERUN, SETUP, CALL_FAILED, TEARDOWN], Outcome.FAILED, "call failed", id="failed again"),
        pytest.param([SETUP, RERUN, report("setup", "skipped")], Outcome.SKIPPED, "setup skipped", id="then skipped"),
    ],
)
def test_reports_fold_into_one_outcome(
    store: ResultStore, outcomes: Outcomes, reports: Sequence[pytest.TestReport], outcome: Outcome, message: str
) -> None:
    for one in reports:
        outcomes.report(0, one)

    assert store.result(0).outcome is (outcome or Outcome.CANCELLED)
    assert store.result(0).message == message


def test_a_late_teardown_makes_a_passed_check_an_error(store: ResultStore, outcomes: Outcomes) -> None:
    for one in (SETUP, CALL, TEARDOWN):
        outcomes.report(0, one)
    outcomes.ran(0, [("gw0", (0.0, 1.0))])

    outcomes.report(0, TEARDOWN_FAILED)

    assert store.result(0).outcome is Outcome.ERROR


@pytest.mark.parametrize(
    ("reports", "told"),
    [
        pytest.param([SETUP, CALL, TEARDOWN], None, id="passed"),
        pytest.param([report("setup", "skipped"), TEARDOWN], None, id="skipped"),
        pytest.param([SETUP, RERUN, SETUP, CALL, TEARDOWN], None, id="passed when tried again"),
        pytest.param([SETUP, RERUN, SETUP, CALL_FAILED, TEARDOWN], "call failed", id="failed again"),
        pytest.param([SETUP, CALL_FAILED, TEARDOWN_FAILED], "call failed", id="call explains"),
        pytest.param([SETUP, CALL, TEARDOWN_FAILED], "teardown failed", id="tear-down failed"),
    ],
)
def test_the_report_that_explains_a_bad_end_is_kept(
    store: ResultStore, outcomes: Outcomes, reports: Sequence[pytest.TestReport], told: str | None
) -> None:
    for one in reports:
        outcomes.report(0, one)

    failure = store.result(0).failure
    assert (failure and failure.text) == told


def test_a_skip_is_reported_by_its_reason_alone(store: ResultStore, outcomes: Outcomes) -> None:
    outcomes.report(0, report("setup", "skipped", longrepr=("a.py", 3, "Skipped: no network")))

    assert store.result(0).message == "Skipped: no network"


def test_a_long_message_is_cut(store: ResultStore, outcomes: Outcomes) -> None:
    outcomes.report(0, report("call", "failed", longrepr="x" * 10_000))

    assert len(store.result(0).message) == 500


def test_every_attempt_but_the_last_has_failed(store: ResultStore, outcomes: Outcomes) -> None:
    broken = report("setup", "rerun")
    for one in (SETUP, RERUN, report("teardown", "rerun"), broken, TEARDOWN, SETUP, CALL, TEARDOWN):
        outcomes.report(0, one)
    outcomes.ran(0, [("gw0", (0.0, 1.0)), ("gw1", (1.0, 2.0)), ("gw1", (2.0, 4.0))])

    attempts = store.result(0).attempts
    assert [(a.outcome, a.message, a.worker, a.start, a.stop) for a in attempts] == [
        (Outcome.FAILED, "call rerun", "gw0", 0.0, 1.0),
        (Outcome.ERROR, "setup rerun", "gw1", 1.0, 2.0),
        (Outcome.PASSED, "", "gw1", 2.0, 4.0),
    ]


def test_attempts_that_a_plugin_made_are_distinguished_by_their_reports(store: ResultStore, outcomes: Outcomes) -> None:
    times = [(100.0, 100.1), (100.1, 101.0), (101.5, 101.6), (101.6, 102.0)]
    for one, (start, stop) in zip((SETUP, RERUN, SETUP, CALL), times, strict=True):
        timed = copy(one)
        timed.start, timed.stop = start, stop
        outcomes.report(0, timed)
    outcomes.ran(0, [("gw1", (10.0, 12.1))])

    attempts = store.result(0).attempts
    assert [(a.outcome, a.message) for a in attempts] == [(Outcome.FAILED, "call rerun"), (Outcome.PASSED, "")]
    assert [(a.start, a.stop) for a in attempts] == [
        (10.0, pytest.approx(11.0)),
        (pytest.approx(11.5), 12.1),
    ]


@pytest.mark.parametrize("jump", [-1.7e9, -0.3, 1e9])
def test_attempts_whose_clock_was_set_are_within_the_time_of_the_check(
    store: ResultStore, outcomes: Outcomes, jump: float
) -> None:
    times = [(100.0, 100.1), (100.1, jump + 101.0), (jump + 101.5, jump + 101.6), (101.6, 102.0)]
    for one, (start, stop) in zip((SETUP, RERUN, SETUP, CALL), times, strict=True):
        timed = copy(one)
        timed.start, timed.stop = start, stop
        outcomes.report(0, timed)
    outcomes.ran(0, [("gw1", (10.0, 12.1))])

    times_told = [time for attempt in store.result(0).attempts for time in (attempt.start, attempt.stop)]
    assert 10.0 <= min(times_told) <= max(times_told) <= 12.1
    assert all(attempt.duration >= 0 for attempt in store.result(0).attempts)


def test_an_attempt_that_could_not_report_has_failed_too(store: ResultStore, outcomes: Outcomes) -> None:
    outcomes.lost(0, RERUN, Outcome.TIMED_OUT, "too long")
    for one in (SETUP, RERUN, TEARDOWN):
        outcomes.report(0, one)
    outcomes.lost(0, RERUN, Outcome.CRASHED, "gone")
    for one in (SETUP, CALL, TEARDOWN):
        outcomes.report(0, one)
    outcomes.ran(0, [(f"gw{number}", (number, number + 0.5)) for number in range(4)])

    result = store.result(0)
    assert (result.outcome, result.message, result.failure) == (Outcome.PASSED, "", None)
    assert [(attempt.outcome, attempt.message, attempt.worker) for attempt in result.attempts] == [
        (Outcome.TIMED_OUT, "too long", "gw0"),
        (Outcome.FAILED, "call rerun", "gw1"),
        (Outcome.CRASHED, "gone", "gw2"),
        (Outcome.PASSED, "", "gw3"),
    ]


def test_evidence_of_a_failed_attempt_is_dropped_when_the_next_is_lost(store: ResultStore, outcomes: Outcomes) -> None:
    carrier = report("call", "rerun")
    setattr(carrier, EVIDENCE, to_wire(Evidence(notes=("of the first",))))
    for one in (SETUP, carrier):
        outcomes.report(0, one)

    outcomes.lost(0, report("call", "failed"), Outcome.CRASHED, "gone")

    assert store.result(0).evidence == Evidence()


def test_a_check_that_was_tried_and_then_dropped_keeps_its_attempts(store: ResultStore, outcomes: Outcomes) -> None:
    outcomes.lost(0, RERUN, Outcome.CRASHED, "gone")
    outcomes.cancelled(0, "not needed")
    outcomes.tried(0, [("gw0", (0.0, 1.0))])

    result = store.result(0)
    assert (result.outcome, result.message) == (Outcome.CANCELLED, "not needed")
    assert [(attempt.outcome, attempt.message) for attempt in result.attempts] == [(Outcome.CRASHED, "gone")]


def test_a_check_that_was_lost_twice_reports_both_attempts(store: ResultStore, outcomes: Outcomes) -> None:
    outcomes.lost(0, RERUN, Outcome.TIMED_OUT, "too long")
    outcomes.lost(0, report("call", "failed", longrepr="gone, with stacks"), Outcome.CRASHED, "gone")
    outcomes.ran(0, [("gw0", (0.0, 1.0)), ("gw1", (1.0, 2.0))])

    result = store.result(0)
    assert (result.outcome, result.message) == (Outcome.CRASHED, "gone")
    assert result.failure is not None
    assert result.failure.text == "gone, with stacks"
    assert [attempt.outcome for attempt in result.attempts] == [Outcome.TIMED_OUT, Outcome.CRASHED]


def test_the_last_attempt_counts_when_no_other_follows(store: ResultStore, outcomes: Outcomes) -> None:
    for one in (SETUP, RERUN, TEARDOWN):
        outcomes.report(0, one)
    outcomes.lost(0, RERUN, Outcome.CRASHED, "gone")
    outcomes.settle(0, [report("call", "failed", longrepr="gone, with stacks")])
    outcomes.ran(0, [("gw0", (0.0, 1.0)), ("gw0", (1.0, 2.0))])

    result = store.result(0)
    assert (result.outcome, result.message) == (Outcome.CRASHED, "gone")
    assert result.failure is not None
    assert result.failure.text == "gone, with stacks"
    assert [attempt.outcome for attempt in result.attempts] == [Outcome.FAILED, Outcome.CRASHED]


def test_evidence_comes_with_the_report(store: ResultStore, outcomes: Outcomes) -> None:
    evidence = Evidence(findings=(Finding(rule="r", level=Level.NOTE, message="m", check=NODEID),))
    carrier = report("call", "failed")
    setattr(carrier, EVIDENCE, to_wire(evidence))

    outcomes.report(0, carrier)

    assert store.result(0).evidence == evidence
    assert not hasattr(carrier, EVIDENCE), "plugins that write reports would write it"


def test_evidence_of_a_failed_attempt_is_dropped_when_it_is_retried(store: ResultStore, outcomes: Outcomes) -> None:
    carrier = report("call", "rerun")
    setattr(carrier, EVIDENCE, to_wire(Evidence(notes=("of the first",))))

    for one in (SETUP, carrier, SETUP, CALL):
        outcomes.report(0, one)

    assert store.result(0).evidence == Evidence()


@pytest.mark.parametrize("reports", [[], [SETUP], [SETUP, TEARDOWN]])
def test_a_check_that_did_not_report_its_outcome_has_not_passed(
    store: ResultStore, outcomes: Outcomes, reports: Sequence[pytest.TestReport]
) -> None:
    for each in reports:
        outcomes.report(0, each)
    assert store.unaccounted() == [NODEID]

    outcomes.ran(0, [("gw0", (0.0, 1.0))])

    assert store.unaccounted() == []
    assert store.result(0).outcome is Outcome.CANCELLED
    assert store.result(0).message == "ended without a report of its outcome"


def test_a_check_that_never_ran_is_cancelled(store: ResultStore) -> None:
    (result,) = store.results()

    assert (result.outcome, result.message, result.attempts) == (Outcome.CANCELLED, "never started", ())


def test_a_lost_check_has_the_outcome_that_is_recorded_for_it(store: ResultStore, outcomes: Outcomes) -> None:
    outcomes.lost(0, CALL_FAILED, Outcome.CRASHED, "was ended by SIGSEGV")
    outcomes.ran(0, [("gw0", (0.0, 1.0))])

    result = store.result(0)
    assert (result.outcome, result.message) == (Outcome.CRASHED, "was ended by SIGSEGV")
    assert [attempt.outcome for attempt in result.attempts] == [Outcome.CRASHED]
