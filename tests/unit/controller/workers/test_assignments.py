from __future__ import annotations

from collections.abc import Sequence

import pytest

from pytest_parallel_agents.controller.workers.assignments import Assignments, Misreported
from pytest_parallel_agents.wire import messages

PHASE = messages.Phase("teardown", 0.0, 0.0, 0.0)
PHASES = (messages.Phase("setup", 0.0, 0.0, 0.0), messages.Phase("call", 0.0, 0.0, 0.0), PHASE)
SKIPPED_PHASES = (messages.Phase("setup", 0.0, 0.0, 0.0, report=b"skipped"), PHASE)


def started(check: int) -> messages.WorkerMessage:
    return messages.Started(check, 0.0)


def failed(check: int) -> messages.WorkerMessage:
    return messages.AttemptFailed(check, (0.0, 1.0), PHASES)


def finished(check: int, phases: Sequence[messages.Phase] = PHASES, error: str = "") -> messages.WorkerMessage:
    return messages.Finished(check, (0.0, 1.0), tuple(phases), error=error)


def late(check: int) -> messages.WorkerMessage:
    return messages.Late(check, PHASE)


def returned(*checks: int) -> messages.WorkerMessage:
    return messages.Returned(checks)


CLOSED = messages.Closed(b"")
HALTED = messages.Halted("keyboard interrupt", internal=False)


def noted(*news: messages.WorkerMessage) -> Assignments:
    """The assignments of a worker that was sent checks 0 to 3 and has reported this."""
    assignments = Assignments("check {}".format, least_reports=3)
    assignments.add(range(4))
    for each in news:
        assignments.note(each)
    return assignments


@pytest.mark.parametrize(
    ("news", "following"),
    [
        ([], 0),
        ([started(0), started(0)], 0),  # the second one for the end of a pause
        ([started(0), finished(0)], 1),
        ([finished(0), finished(1), started(2)], 2),  # a start is left out when the end is in the same batch
        ([started(0), failed(0), started(0), failed(0), started(0), finished(0)], 1),
        ([finished(0), started(1), late(0), late(1)], 1),
        ([started(0), returned(2, 3), finished(0), finished(1), CLOSED], None),
        ([started(0), returned(), finished(0)], 1),
        ([started(0), HALTED, CLOSED], 0),
        ([finished(0, SKIPPED_PHASES), finished(1, (*PHASES, PHASE)), finished(2, (), error="not found")], 3),
    ],
)
def test_what_a_worker_may_report(news: list[messages.WorkerMessage], following: int | None) -> None:
    assert noted(*news).next == following


@pytest.mark.parametrize(
    ("before", "news", "text"),
    [
        ([], started(1), "reported the start of check 1 out of turn"),
        ([], started(7), "reported the start of check 7 out of turn"),
        ([started(0)], started(1), "reported the start of check 1 out of turn"),
        ([], failed(0), "reported an attempt of check 0 out of turn"),
        ([], finished(1), "reported the end of check 1 out of turn"),
        ([finished(0)], finished(0), "reported the end of check 0 out of turn"),
        ([started(0)], finished(1), "reported the end of check 1 out of turn"),
        ([], finished(0, ()), "reported the end of check 0 with 0 of 2 reports"),
        ([], finished(0, SKIPPED_PHASES[:1]), "reported the end of check 0 with 1 of 2 reports"),
        ([], finished(0, PHASES[:2]), "reported the end of check 0 with 2 of 3 reports"),
        (
            [started(0)],
            messages.AttemptFailed(0, (0.0, 1.0), PHASES[1:]),
            "reported the end of check 0 with 2 of 3 reports",
        ),
        ([], late(0), "reported more of check 0 out of turn"),
        ([started(0)], returned(0, 1), "gave back check 0 out of turn"),
        ([finished(0)], returned(0), "gave back check 0 out of turn"),
        ([], returned(2, 2), "gave back check 2 out of turn"),
        ([], CLOSED, "ended as if it had nothing left to do, with check 0 and 3 more missing"),
        ([returned(1, 2, 3), started(0)], CLOSED, "ended as if it had nothing left to do, with check 0 missing"),
    ],
)
def test_impossible_reports_are_refused(
    before: list[messages.WorkerMessage], news: messages.WorkerMessage, text: str
) -> None:
    assignments = noted(*before)

    with pytest.raises(Misreported) as raised:
        assignments.note(news)

    assert str(raised.value) == text


def test_a_protocol_of_a_plugins_own_may_report_less() -> None:
    assignments = Assignments(str, least_reports=0)
    assignments.add([0])

    assignments.note(finished(0, PHASES[1:2]))

    assert assignments.next is None


def test_what_a_worker_was_given_is_known_until_it_gives_it_back() -> None:
    assignments = noted(started(0), finished(0), returned(3))

    assert [assignments.has_had(check) for check in (-1, 0, 1, 3, 4)] == [False, True, True, False, False]
