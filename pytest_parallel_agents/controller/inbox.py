"""What workers say, in the order in which they said it: as it arrives, and from their journals when it does not.

Batches are numbered. A worker whose batches do not follow each other is not heard any further: a check may have kept
them from being sent, and what they said is not known.

A batch that a worker could not send stands in its journal. The worker may be dead, or alive and deaf to its own
threads: a check that never lets go of the interpreter's lock keeps even its start from being told.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from pytest_parallel_agents.wire import messages
from pytest_parallel_agents.wire.journal import read_journal

GONE: Final = object()

MISSED_LOOKS: Final = 5
"""How often in a row, at least, a batch that was sent is seen to be missing before its worker counts as lost."""


class Arrival(msgspec.Struct, frozen=True):
    """What came from a worker; `news` is None when its channel has ended, after which nothing comes.

    `fault` is then what the worker did wrong, if it did, as text that fits after its name, and `gap` whether some of
    what it said before is missing.
    """

    worker: str
    news: messages.WorkerMessage | None
    fault: str = ""
    gap: bool = False


class _Batch(msgspec.Struct, frozen=True):
    number: int = 0
    news: Sequence[messages.WorkerMessage] = ()


class Inbox:
    """Filled by execnet's threads, emptied by the controller. `journal` tells where a worker's journal is."""

    def __init__(self, journal: Callable[[str], Path]) -> None:
        self._journal = journal
        self._arrived: queue.SimpleQueue[Sequence[Arrival]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._heard: dict[str, _Batch] = {}
        self._seen: dict[str, tuple[int, list[bytes]]] = {}
        self._speakers: set[str] = set()
        self._received: dict[str, int] = {}
        self._missed: dict[str, tuple[int, int]] = {}

    def receive(self, worker: str, data: Any) -> None:
        """A message of the worker, or `GONE`: its channel has ended."""
        with self._lock:
            self._put(self._arrivals(worker, data))

    def unsent(self, worker: str) -> Sequence[messages.WorkerMessage]:
        """What a worker that is gone had said and could not send. Nothing if a batch before that is missing."""
        number, frames = read_journal(self._journal(worker))
        with self._lock, contextlib.suppress(msgspec.DecodeError):  # it may have ended while it wrote
            if number <= self._number(worker) + 1:
                return self._unheard(worker, *messages.decode_batch(messages.encode_batch(number, frames)))
        return ()

    def read_journals(self, workers: Iterable[str]) -> None:
        """Take from journals what stood there the last time, too, and notice what never came."""
        for worker in workers:
            found = number, frames = read_journal(self._journal(worker))
            with self._lock, contextlib.suppress(msgspec.DecodeError):
                if number > self._number(worker) + 1:
                    self._miss(worker, number)
                elif frames and number >= self._number(worker) and found == self._seen.get(worker):
                    _, news = messages.decode_batch(messages.encode_batch(number, frames))
                    self._put([Arrival(worker, each) for each in self._unheard(worker, number, news)])
            self._seen[worker] = found

    def speakers(self) -> set[str]:
        """The workers that have sent something since this was asked last."""
        with self._lock:
            speakers, self._speakers = self._speakers, set()
        return speakers

    def wait(self, seconds: float | None) -> Iterable[Arrival]:
        """All that has arrived, after waiting up to `seconds` for the first.

        What arrives meanwhile is for the next time: workers that never stop speaking do not keep us from looking at the
        time.
        """
        with contextlib.suppress(queue.Empty):
            yield from self._arrived.get(timeout=seconds)
            for _ in range(self._arrived.qsize()):
                yield from self._arrived.get_nowait()

    def wake(self) -> None:
        """End a wait, from a signal handler or another thread."""
        self._arrived.put(())

    def _number(self, worker: str) -> int:
        return self._heard.get(worker, _Batch()).number

    def _put(self, arrivals: Sequence[Arrival]) -> None:
        if arrivals:
            self._arrived.put(arrivals)

    def _arrivals(self, worker: str, data: Any) -> Sequence[Arrival]:
        if data is GONE:
            return [Arrival(worker, None)]
        self._speakers.add(worker)
        try:
            number, news = messages.decode_batch(data)
        except (msgspec.DecodeError, TypeError) as error:
            return [Arrival(worker, None, f"sent what is no message ({error})")]
        before = self._received.get(worker, 0)
        if number != before + 1:
            fault = f"sent batch {number} of its messages after batch {before}"
            return [Arrival(worker, None, fault, gap=number > before)]
        self._received[worker] = number
        return [Arrival(worker, each) for each in self._unheard(worker, number, news)]

    def _miss(self, worker: str, number: int) -> None:
        """A worker goes on with batch `number`, and what it sent before has not come yet, or never will."""
        heard = self._number(worker)
        before, looks = self._missed.get(worker, (heard, 0))
        looks = looks + 1 if before == heard else 1
        self._missed[worker] = heard, looks
        if looks > MISSED_LOOKS:
            fault = f"went on with batch {number} of its messages, and batch {heard + 1} never came"
            self._put([Arrival(worker, None, fault, gap=True)])

    def _unheard(
        self, worker: str, number: int, news: Sequence[messages.WorkerMessage]
    ) -> Sequence[messages.WorkerMessage]:
        """What of a batch was not heard before."""
        heard = self._heard.get(worker, _Batch())
        if number < heard.number:
            return ()  # it was sent, and the worker ended before it could strike it out
        known = _common(heard.news, news) if number == heard.number else 0
        self._heard[worker] = _Batch(number, news)
        return news[known:]


def _common(before: Sequence[messages.WorkerMessage], now: Sequence[messages.WorkerMessage]) -> int:
    """How many of the first are the same. A start that was overheard may have been merged with its end since."""
    pairs = enumerate(zip(before, now, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(before), len(now)))
