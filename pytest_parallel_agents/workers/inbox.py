"""What workers say, in the order in which they said it: as it arrives, and from their journals when it does not.

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

from pytest_parallel_agents.workers import messages
from pytest_parallel_agents.workers.journal import read_journal

GONE: Final = object()


class Arrival(msgspec.Struct, frozen=True):
    """What came from a worker; `news` is None when its channel has ended, after which nothing comes."""

    worker: str
    news: messages.News | None
    garbage: str = ""


class _Batch(msgspec.Struct, frozen=True):
    number: int = 0
    news: Sequence[messages.News] = ()


class Inbox:
    """Filled by execnet's threads, emptied by the controller. `journal` tells where a worker's journal is."""

    def __init__(self, journal: Callable[[str], Path]) -> None:
        self._journal = journal
        self._arrived: queue.SimpleQueue[Sequence[Arrival]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._heard: dict[str, _Batch] = {}
        self._seen: dict[str, tuple[int, list[bytes]]] = {}
        self._speakers: set[str] = set()

    def receive(self, worker: str, data: Any) -> None:
        """A message of the worker, or `GONE`: its channel has ended."""
        if data is GONE:
            self._arrived.put([Arrival(worker, None)])
            return
        try:
            with self._lock:
                self._speakers.add(worker)
                self._put(worker, self._news(worker, data))
        except (msgspec.DecodeError, TypeError) as error:
            self._arrived.put([Arrival(worker, None, garbage=str(error))])

    def last_words(self, worker: str) -> Sequence[messages.News]:
        """What a worker that is gone had said and could not send."""
        number, frames = read_journal(self._journal(worker))
        with self._lock, contextlib.suppress(msgspec.DecodeError):  # it may have ended while it wrote
            return self._news(worker, messages.encode_batch(number, frames))
        return ()

    def overhear(self, workers: Iterable[str]) -> None:
        """Take from journals what stood there the last time, too."""
        for worker in workers:
            found = number, frames = read_journal(self._journal(worker))
            with self._lock:
                follows = number in (self._number(worker), self._number(worker) + 1)
                if frames and follows and found == self._seen.get(worker):
                    self._put(worker, self._news(worker, messages.encode_batch(number, frames)))
            self._seen[worker] = found

    def speakers(self) -> set[str]:
        """Who has sent something since this was asked last."""
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

    def _put(self, worker: str, news: Sequence[messages.News]) -> None:
        if news:
            self._arrived.put([Arrival(worker, each) for each in news])

    def _news(self, worker: str, data: Any) -> Sequence[messages.News]:
        """What of a batch was not heard before. Raises `msgspec.DecodeError`."""
        number, news = messages.decode_batch(data)
        heard = self._heard.get(worker, _Batch())
        if number < heard.number:
            return ()  # it was sent, and the worker ended before it could strike it out
        known = _common(heard.news, news) if number == heard.number else 0
        self._heard[worker] = _Batch(number, news)
        return news[known:]


def _common(before: Sequence[messages.News], now: Sequence[messages.News]) -> int:
    """How many of the first are the same. A start that was overheard may have been merged with its end since."""
    pairs = enumerate(zip(before, now, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(before), len(now)))
