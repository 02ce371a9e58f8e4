"""The messages of one worker, in the order in which it sent them: as they arrive, and from its journal when they do
not.

Batches are numbered. A worker whose batches do not follow each other counts as lost: a check may have kept some from
being sent, and their content is not known.

A batch that a worker could not send is in its journal. The worker may be dead, or alive and unable to run its own
threads: a check that never releases the interpreter's lock keeps even its start from being reported.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec

from pytest_parallel_agents.wire import messages
from pytest_parallel_agents.wire.journal import read_journal

GONE: Final = object()

MISSED_LOOKS: Final = 5
"""How often in a row, at least, a sent batch is found missing before its worker counts as lost."""


class Received(msgspec.Struct, frozen=True):
    """A message of a worker."""

    worker: str
    message: messages.WorkerMessage


class Disconnected(msgspec.Struct, frozen=True):
    """A worker's channel has ended, or its messages are wrong. Nothing comes after it.

    `fault` is what the worker did wrong, if anything, as text that fits after its name, and `gap` whether some of its
    earlier messages are missing.
    """

    worker: str
    fault: str = ""
    gap: bool = False


Arrival: TypeAlias = Received | Disconnected


class _Batch(msgspec.Struct, frozen=True):
    number: int = 0
    messages: Sequence[messages.WorkerMessage] = ()


class IncomingMessages:
    """Filled by one of execnet's threads. `put` is called with the worker's arrivals, if there are any."""

    def __init__(self, worker: str, journal: Path, put: Callable[[Sequence[Arrival]], None]) -> None:
        self._worker = worker
        self._journal = journal
        self._put = put
        self._lock = threading.Lock()
        self._last = _Batch()
        self._seen: tuple[int, list[bytes]] | None = None
        self._has_sent = False
        self._received = 0
        self._missed = (0, 0)

    def receive(self, data: Any) -> None:
        """A batch of the worker, or `GONE`: its channel has ended."""
        with self._lock:
            if arrivals := self._arrivals(data):
                self._put(arrivals)

    def unsent(self) -> Sequence[messages.WorkerMessage]:
        """Messages that the worker has recorded and could not send. None if a batch before them is missing."""
        number, frames = read_journal(self._journal)
        with self._lock, contextlib.suppress(msgspec.DecodeError):  # it may have ended while it wrote
            if number <= self._last.number + 1:
                return self._new(*messages.decode_batch(messages.encode_batch(number, frames)))
        return ()

    def read_journal(self) -> None:
        """Takes from the journal messages that were there the last time, too, and finds batches that never came."""
        found = number, frames = read_journal(self._journal)
        with self._lock, contextlib.suppress(msgspec.DecodeError):
            if number > self._last.number + 1:
                self._miss(number)
            elif frames and number >= self._last.number and found == self._seen:
                _, batch = messages.decode_batch(messages.encode_batch(number, frames))
                if new := self._new(number, batch):
                    self._put([Received(self._worker, each) for each in new])
        self._seen = found

    def has_sent(self) -> bool:
        """Whether something came since the last call."""
        with self._lock:
            has_sent, self._has_sent = self._has_sent, False
        return has_sent

    def _arrivals(self, data: Any) -> Sequence[Arrival]:
        if data is GONE:
            return [Disconnected(self._worker)]
        self._has_sent = True
        try:
            number, batch = messages.decode_batch(data)
        except (msgspec.DecodeError, TypeError) as error:
            return [Disconnected(self._worker, f"sent what is no message ({error})")]
        if number != self._received + 1:
            fault = f"sent batch {number} of its messages after batch {self._received}"
            return [Disconnected(self._worker, fault, gap=number > self._received)]
        self._received = number
        return [Received(self._worker, each) for each in self._new(number, batch)]

    def _miss(self, number: int) -> None:
        """The worker goes on with batch `number`, and an earlier one has not come yet, or never will."""
        last = self._last.number
        before, looks = self._missed
        looks = looks + 1 if before == last else 1
        self._missed = last, looks
        if looks > MISSED_LOOKS:
            fault = f"went on with batch {number} of its messages, and batch {last + 1} never came"
            self._put([Disconnected(self._worker, fault, gap=True)])

    def _new(self, number: int, batch: Sequence[messages.WorkerMessage]) -> Sequence[messages.WorkerMessage]:
        """The messages of a batch that are new."""
        if number < self._last.number:
            return ()  # it was sent, and the worker ended before it could remove it
        known = _common(self._last.messages, batch) if number == self._last.number else 0
        self._last = _Batch(number, batch)
        return batch[known:]


def _common(before: Sequence[messages.WorkerMessage], now: Sequence[messages.WorkerMessage]) -> int:
    """How many of the first messages are equal. A start that was read early may have been merged with its end since."""
    pairs = enumerate(zip(before, now, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(before), len(now)))
