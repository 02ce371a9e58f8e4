from __future__ import annotations

import pytest

from pytest_parallel_agents.workers import messages
from pytest_parallel_agents.workers.assignments import Assignments, Misreported

PHASE = messages.Phase("teardown", 0.0, 0.0, 0.0)


def started(check: int) -> messages.News:
    return messages.Started(check, 0.0)


def failed(check: int) -> messages.News:
    return messages.Failed(check, (0.0, 1.0), (PHASE,))


def finished(check: int) -> messages.News:
    return messages.Finished(check, (0.0, 1.0), (PHASE,))


def late(check: int) -> messages.News:
    return messages.Late(check, PHASE)


def returned(*checks: int) -> messages.News:
    return messages.Returned(checks)


CLOSED = messages.Closed(b"")
HALTED = messages.Halted("keyboard interrupt", internal=False)


def noted(*news: messages.News) -> Assignments:
    """What a worker has that was given checks 0 to 3 and has reported this."""
    assignments = Assignments("check {}".format)
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
    ],
)
def test_what_a_worker_may_report(news: list[messages.News], following: int | None) -> None:
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
        ([], late(0), "reported more of check 0 out of turn"),
        ([started(0)], returned(0, 1), "gave back check 0 out of turn"),
        ([finished(0)], returned(0), "gave back check 0 out of turn"),
        ([], returned(2, 2), "gave back check 2 out of turn"),
        ([], CLOSED, "ended as if it had nothing left to do, with check 0 and 3 more missing"),
        ([returned(1, 2, 3), started(0)], CLOSED, "ended as if it had nothing left to do, with check 0 missing"),
    ],
)
def test_what_cannot_be_is_not_believed(before: list[messages.News], news: messages.News, text: str) -> None:
    assignments = noted(*before)

    with pytest.raises(Misreported) as raised:
        assignments.note(news)

    assert str(raised.value) == text
