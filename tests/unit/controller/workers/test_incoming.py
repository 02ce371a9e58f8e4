from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from pytest_parallel_agents.controller.workers.inbox import Inbox
from pytest_parallel_agents.controller.workers.incoming import (
    GONE,
    MISSED_LOOKS,
    Disconnected,
    IncomingMessages,
    Received,
)
from pytest_parallel_agents.wire import messages
from pytest_parallel_agents.wire.journal import Journal

ENDS = [messages.Finished(check, (0.0, 1.0), ()) for check in range(4)]
BEGINS = [messages.Started(check, 1.0) for check in range(4)]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "gw0")


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def incoming(tmp_path: Path, inbox: Inbox, journal: Journal) -> IncomingMessages:
    return IncomingMessages("gw0", tmp_path / "gw0", inbox.put)


def write(journal: Journal, number: int, news: Sequence[messages.Message]) -> None:
    journal.begin(number)
    for each in news:
        journal.add(messages.encode(each))


def batch(number: int, *news: messages.Message) -> bytes:
    return messages.encode_batch(number, [messages.encode(each) for each in news])


def arrived(inbox: Inbox) -> list[messages.WorkerMessage | None]:
    return [arrival.message if isinstance(arrival, Received) else None for arrival in inbox.wait(0)]


def read_twice(incoming: IncomingMessages) -> None:
    incoming.read_journal()
    incoming.read_journal()


def test_a_batch_that_stays_in_the_journal_is_read_once(
    inbox: Inbox, incoming: IncomingMessages, journal: Journal
) -> None:
    incoming.receive(batch(1, ENDS[0]))
    write(journal, 2, [ENDS[1], BEGINS[2]])

    read_twice(incoming)
    read_twice(incoming)

    assert arrived(inbox) == [ENDS[0], ENDS[1], BEGINS[2]]


def test_whether_a_worker_has_sent_something_is_known_once(incoming: IncomingMessages, journal: Journal) -> None:
    write(journal, 1, [ENDS[1]])
    read_twice(incoming)  # which a stopped worker does not hinder
    assert not incoming.has_sent()

    incoming.receive(batch(1, ENDS[1]))

    assert incoming.has_sent()
    assert not incoming.has_sent()


def test_a_batch_that_is_on_its_way_is_left_alone(inbox: Inbox, incoming: IncomingMessages, journal: Journal) -> None:
    write(journal, 1, [BEGINS[0]])
    incoming.read_journal()
    write(journal, 2, [BEGINS[1]])
    incoming.read_journal()

    assert arrived(inbox) == []


def test_messages_of_a_batch_that_was_lost_on_its_way_come_first(
    inbox: Inbox, incoming: IncomingMessages, journal: Journal
) -> None:
    write(journal, 2, [BEGINS[1]])  # the first is still in the socket

    read_twice(incoming)
    incoming.receive(batch(1, ENDS[0]))
    incoming.receive(batch(2, BEGINS[1]))

    assert arrived(inbox) == [ENDS[0], BEGINS[1]]


@pytest.mark.parametrize(
    ("sent", "new"),
    [
        ([ENDS[0], BEGINS[1]], []),
        ([ENDS[0], BEGINS[1], ENDS[1]], [ENDS[1]]),
        ([ENDS[0], ENDS[1], BEGINS[2]], [ENDS[1], BEGINS[2]]),  # the start was merged with its end
    ],
)
def test_only_new_messages_of_a_batch_from_the_journal_are_read(
    inbox: Inbox,
    incoming: IncomingMessages,
    journal: Journal,
    sent: list[messages.Message],
    new: list[messages.Message],
) -> None:
    write(journal, 1, [ENDS[0], BEGINS[1]])
    read_twice(incoming)
    arrived(inbox)

    incoming.receive(batch(1, *sent))

    assert arrived(inbox) == new


def test_the_last_words_are_not_repeated(inbox: Inbox, incoming: IncomingMessages, journal: Journal) -> None:
    write(journal, 1, [ENDS[0], BEGINS[1]])
    read_twice(incoming)
    write(journal, 1, [ENDS[0], ENDS[1]])

    assert incoming.unsent() == [ENDS[1]]
    assert arrived(inbox) == [ENDS[0], BEGINS[1]]


def test_messages_that_were_sent_and_not_removed_are_not_repeated(
    inbox: Inbox, incoming: IncomingMessages, journal: Journal
) -> None:
    write(journal, 1, [ENDS[0]])
    incoming.receive(batch(1, ENDS[0]))

    assert not incoming.unsent()


def test_that_a_channel_has_ended_comes_last(inbox: Inbox, incoming: IncomingMessages) -> None:
    incoming.receive(batch(1, ENDS[0]))
    incoming.receive(GONE)

    assert arrived(inbox) == [ENDS[0], None]


def test_garbage_is_the_last_that_is_read(inbox: Inbox, incoming: IncomingMessages) -> None:
    incoming.receive(b"\xc1")

    (arrival,) = inbox.wait(0)

    assert isinstance(arrival, Disconnected)
    assert arrival.fault.startswith("sent what is no message (")


@pytest.mark.parametrize(("number", "fault"), [(1, "sent batch 1"), (3, "sent batch 3"), (0, "sent batch 0")])
def test_a_batch_that_does_not_follow_is_the_last_that_is_read(
    inbox: Inbox, incoming: IncomingMessages, number: int, fault: str
) -> None:
    incoming.receive(batch(1, ENDS[0]))
    incoming.receive(batch(number, ENDS[1]))

    said, arrival = inbox.wait(0)

    assert said == Received("gw0", ENDS[0])
    assert isinstance(arrival, Disconnected)
    assert arrival.fault == f"{fault} of its messages after batch 1"


def test_a_batch_that_was_overheard_may_still_come_but_only_once(
    inbox: Inbox, incoming: IncomingMessages, journal: Journal
) -> None:
    write(journal, 1, [ENDS[0]])
    read_twice(incoming)
    for _ in range(2):
        incoming.receive(batch(1, ENDS[0]))

    assert list(inbox.wait(0)) == [
        Received("gw0", ENDS[0]),
        Disconnected("gw0", "sent batch 1 of its messages after batch 1"),
    ]


def test_a_batch_that_was_sent_and_never_comes_is_missed(
    inbox: Inbox, incoming: IncomingMessages, journal: Journal
) -> None:
    incoming.receive(batch(1, ENDS[0]))
    write(journal, 3, [BEGINS[2]])

    for _ in range(MISSED_LOOKS):
        incoming.read_journal()
    assert arrived(inbox) == [ENDS[0]]
    incoming.read_journal()

    (arrival,) = inbox.wait(0)
    assert isinstance(arrival, Disconnected)
    assert arrival.fault == "went on with batch 3 of its messages, and batch 2 never came"


def test_a_batch_that_takes_its_time_is_waited_for(inbox: Inbox, incoming: IncomingMessages, journal: Journal) -> None:
    write(journal, 9, [BEGINS[2]])
    for number in range(1, 4):
        for _ in range(MISSED_LOOKS):
            incoming.read_journal()
        incoming.receive(batch(number, ENDS[0]))

    assert arrived(inbox) == [ENDS[0]] * 3


def test_the_last_words_after_a_batch_that_is_missing_are_not_believed(
    inbox: Inbox, incoming: IncomingMessages, journal: Journal
) -> None:
    incoming.receive(batch(1, ENDS[0]))
    write(journal, 3, [ENDS[2]])

    assert incoming.unsent() == ()


def test_a_worker_that_sends_without_a_pause_ends_a_wait_too(inbox: Inbox, incoming: IncomingMessages) -> None:
    taken = []
    incoming.receive(batch(1, ENDS[0]))
    for number, arrival in enumerate(inbox.wait(0), 2):
        incoming.receive(batch(number, ENDS[1]))
        taken.append(arrival)
        assert number < 10, taken

    assert taken[0] == Received("gw0", ENDS[0])
    assert arrived(inbox)
