from __future__ import annotations

import queue
from pathlib import Path

import pytest

from pytest_parallel_agents.wire import messages
from pytest_parallel_agents.wire.journal import Journal, read_journal
from pytest_parallel_agents.worker import outbox as worker_outbox
from pytest_parallel_agents.worker.outbox import Outbox

STARTED = messages.Started(1, 1.0)
FINISHED = messages.Finished(1, (1.0, 2.0), ())
WAIT_SECONDS = 10.0


class Wire:
    """The channel's sending side, as an execnet channel has it."""

    def __init__(self) -> None:
        self.sent: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.broken = False
        self.hindered = 0

    def send(self, data: bytes) -> None:
        if self.broken:
            raise OSError("closed")
        if self.hindered:
            self.hindered -= 1
            raise TypeError("something that execnet uses was replaced")
        self.sent.put(data)

    def next(self) -> tuple[int, list[messages.WorkerMessage]]:
        return messages.decode_batch(self.sent.get(timeout=WAIT_SECONDS))


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gw0.journal"


@pytest.fixture
def outbox(wire: Wire, path: Path) -> Outbox:
    return Outbox(wire, Journal(path))


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No batch becomes old enough to be sent, however long a busy machine takes to fill it."""
    monkeypatch.setattr(worker_outbox, "BATCH_SECONDS", 600.0)


@pytest.mark.usefixtures("patient")
def test_messages_are_sent_in_one_batch_when_flushed(outbox: Outbox, wire: Wire) -> None:
    outbox.send(messages.Returned((1,)))
    outbox.send(messages.Returned((2,)))
    outbox.flush()

    assert wire.next() == (1, [messages.Returned((1,)), messages.Returned((2,))])


def test_messages_are_sent_by_themselves_after_a_while(outbox: Outbox, wire: Wire) -> None:
    outbox.send(STARTED)

    assert wire.next() == (1, [STARTED])


@pytest.mark.usefixtures("patient")
def test_a_check_that_began_and_ended_in_one_batch_is_reported_once(outbox: Outbox, wire: Wire) -> None:
    outbox.send(STARTED)
    outbox.send(FINISHED)
    outbox.flush()

    assert wire.next() == (1, [FINISHED])


@pytest.mark.usefixtures("patient")
def test_a_start_that_has_left_is_not_taken_back(outbox: Outbox, wire: Wire) -> None:
    outbox.send(STARTED)
    outbox.flush()
    outbox.send(FINISHED)
    outbox.flush()

    assert [wire.next(), wire.next()] == [(1, [STARTED]), (2, [FINISHED])]


@pytest.mark.usefixtures("patient")
def test_a_message_between_start_and_end_keeps_both(outbox: Outbox, wire: Wire) -> None:
    outbox.send(STARTED)
    outbox.send(messages.Returned(()))
    outbox.send(FINISHED)
    outbox.flush()

    assert wire.next()[1] == [STARTED, messages.Returned(()), FINISHED]


@pytest.mark.usefixtures("patient")
def test_unsent_messages_are_in_the_journal_and_sent_ones_are_not(outbox: Outbox, path: Path) -> None:
    outbox.send(STARTED)
    unsent = read_journal(path)
    outbox.flush()

    assert unsent == (1, [messages.encode(STARTED)])
    assert read_journal(path) == (2, [])


@pytest.mark.usefixtures("patient")
def test_messages_too_large_for_the_journal_are_sent_at_once(outbox: Outbox, wire: Wire) -> None:
    large = messages.Halted("x" * (1 << 19), internal=True)
    outbox.send(STARTED)
    outbox.send(large)

    assert wire.next()[1][-1] == large


def test_an_ended_controller_is_no_error(outbox: Outbox, wire: Wire) -> None:
    wire.broken = True
    outbox.send(STARTED)
    outbox.flush()

    assert outbox.closed


@pytest.mark.usefixtures("patient")
def test_what_could_not_be_sent_is_sent_with_what_follows(outbox: Outbox, wire: Wire) -> None:
    wire.hindered = 1
    outbox.send(messages.Returned((1,)))
    outbox.flush()
    outbox.send(messages.Returned((2,)))
    outbox.flush()

    assert wire.next() == (1, [messages.Returned((1,)), messages.Returned((2,))])


def test_what_could_not_be_sent_is_sent_when_nothing_follows(outbox: Outbox, wire: Wire) -> None:
    wire.hindered = 3
    outbox.send(FINISHED)
    outbox.flush()

    assert wire.next() == (1, [FINISHED])
    assert not wire.hindered
