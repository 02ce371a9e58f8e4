from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from pytest_parallel_agents.controller.inbox import GONE, MISSED_LOOKS, Inbox
from pytest_parallel_agents.wire import messages
from pytest_parallel_agents.wire.journal import Journal

ENDS = [messages.Finished(check, (0.0, 1.0), ()) for check in range(4)]
BEGINS = [messages.Started(check, 1.0) for check in range(4)]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "gw0")


@pytest.fixture
def inbox(tmp_path: Path, journal: Journal) -> Inbox:
    return Inbox(lambda worker: tmp_path / worker)


def write(journal: Journal, number: int, news: Sequence[messages.Message]) -> None:
    journal.begin(number)
    for each in news:
        journal.add(messages.encode(each))


def batch(number: int, *news: messages.Message) -> bytes:
    return messages.encode_batch(number, [messages.encode(each) for each in news])


def heard(inbox: Inbox) -> list[messages.WorkerMessage | None]:
    return [arrival.news for arrival in inbox.wait(0)]


def overhear_twice(inbox: Inbox) -> None:
    inbox.read_journals(["gw0"])
    inbox.read_journals(["gw0"])


def test_a_batch_that_stays_in_the_journal_is_heard_once(inbox: Inbox, journal: Journal) -> None:
    inbox.receive("gw0", batch(1, ENDS[0]))
    write(journal, 2, [ENDS[1], BEGINS[2]])

    overhear_twice(inbox)
    overhear_twice(inbox)

    assert heard(inbox) == [ENDS[0], ENDS[1], BEGINS[2]]


def test_who_has_sent_something_is_told_once(inbox: Inbox, journal: Journal) -> None:
    inbox.receive("gw1", batch(1, ENDS[0]))
    write(journal, 1, [ENDS[1]])
    overhear_twice(inbox)  # which a stopped worker does not hinder

    assert inbox.speakers() == {"gw1"}
    assert inbox.speakers() == set()


def test_a_batch_that_is_on_its_way_is_left_alone(inbox: Inbox, journal: Journal) -> None:
    write(journal, 1, [BEGINS[0]])
    inbox.read_journals(["gw0"])
    write(journal, 2, [BEGINS[1]])
    inbox.read_journals(["gw0"])

    assert heard(inbox) == []


def test_what_a_batch_lost_on_its_way_would_have_said_comes_first(inbox: Inbox, journal: Journal) -> None:
    write(journal, 2, [BEGINS[1]])  # the first is still in the socket

    overhear_twice(inbox)
    inbox.receive("gw0", batch(1, ENDS[0]))
    inbox.receive("gw0", batch(2, BEGINS[1]))

    assert heard(inbox) == [ENDS[0], BEGINS[1]]


@pytest.mark.parametrize(
    ("sent", "new"),
    [
        ([ENDS[0], BEGINS[1]], []),
        ([ENDS[0], BEGINS[1], ENDS[1]], [ENDS[1]]),
        ([ENDS[0], ENDS[1], BEGINS[2]], [ENDS[1], BEGINS[2]]),  # the start was merged with its end
    ],
)
def test_only_what_is_new_of_an_overheard_batch_is_heard(
    inbox: Inbox, journal: Journal, sent: list[messages.Message], new: list[messages.Message]
) -> None:
    write(journal, 1, [ENDS[0], BEGINS[1]])
    overhear_twice(inbox)
    heard(inbox)

    inbox.receive("gw0", batch(1, *sent))

    assert heard(inbox) == new


def test_the_last_words_are_not_repeated(inbox: Inbox, journal: Journal) -> None:
    write(journal, 1, [ENDS[0], BEGINS[1]])
    overhear_twice(inbox)
    write(journal, 1, [ENDS[0], ENDS[1]])

    assert inbox.unsent("gw0") == [ENDS[1]]
    assert heard(inbox) == [ENDS[0], BEGINS[1]]


def test_what_was_sent_and_not_struck_out_is_not_repeated(inbox: Inbox, journal: Journal) -> None:
    write(journal, 1, [ENDS[0]])
    inbox.receive("gw0", batch(1, ENDS[0]))

    assert not inbox.unsent("gw0")
    assert not inbox.unsent("gw1")


def test_that_a_channel_has_ended_comes_last(inbox: Inbox) -> None:
    inbox.receive("gw0", batch(1, ENDS[0]))
    inbox.receive("gw0", GONE)

    assert heard(inbox) == [ENDS[0], None]


def test_garbage_is_the_last_that_is_heard(inbox: Inbox) -> None:
    inbox.receive("gw0", b"\xc1")

    (arrival,) = inbox.wait(0)

    assert arrival.news is None
    assert arrival.fault.startswith("sent what is no message (")


@pytest.mark.parametrize(("number", "fault"), [(1, "sent batch 1"), (3, "sent batch 3"), (0, "sent batch 0")])
def test_a_batch_that_does_not_follow_is_the_last_that_is_heard(inbox: Inbox, number: int, fault: str) -> None:
    inbox.receive("gw0", batch(1, ENDS[0]))
    inbox.receive("gw0", batch(number, ENDS[1]))

    said, arrival = inbox.wait(0)

    assert said.news == ENDS[0]
    assert arrival.news is None
    assert arrival.fault == f"{fault} of its messages after batch 1"


def test_a_batch_that_was_overheard_may_still_come_but_only_once(inbox: Inbox, journal: Journal) -> None:
    write(journal, 1, [ENDS[0]])
    overhear_twice(inbox)
    for _ in range(2):
        inbox.receive("gw0", batch(1, ENDS[0]))

    assert [arrival.fault for arrival in inbox.wait(0)] == ["", "sent batch 1 of its messages after batch 1"]


def test_a_batch_that_was_sent_and_never_comes_is_missed(inbox: Inbox, journal: Journal) -> None:
    inbox.receive("gw0", batch(1, ENDS[0]))
    write(journal, 3, [BEGINS[2]])

    for _ in range(MISSED_LOOKS):
        inbox.read_journals(["gw0"])
    assert heard(inbox) == [ENDS[0]]
    inbox.read_journals(["gw0"])

    (arrival,) = inbox.wait(0)
    assert arrival.fault == "went on with batch 3 of its messages, and batch 2 never came"


def test_a_batch_that_takes_its_time_is_waited_for(inbox: Inbox, journal: Journal) -> None:
    write(journal, 9, [BEGINS[2]])
    for number in range(1, 4):
        for _ in range(MISSED_LOOKS):
            inbox.read_journals(["gw0"])
        inbox.receive("gw0", batch(number, ENDS[0]))

    assert heard(inbox) == [ENDS[0]] * 3


def test_the_last_words_after_a_batch_that_is_missing_are_not_believed(inbox: Inbox, journal: Journal) -> None:
    inbox.receive("gw0", batch(1, ENDS[0]))
    write(journal, 3, [ENDS[2]])

    assert inbox.unsent("gw0") == ()


def test_who_never_stops_speaking_ends_a_wait_too(inbox: Inbox) -> None:
    taken = []
    inbox.receive("gw0", batch(1, ENDS[0]))
    for number, arrival in enumerate(inbox.wait(0), 2):
        inbox.receive("gw0", batch(number, ENDS[1]))
        taken.append(arrival.news)
        assert number < 10, taken

    assert taken[0] == ENDS[0]
    assert heard(inbox)
