"""A worker's messages, sent in batches: one batch carries tens of milliseconds of work.

A batch is sent when it is old enough, when the worker has nothing more to do, or when a message in it is urgent.
"""

from __future__ import annotations

import _thread
import contextlib
from typing import Any, Final

from pytest_parallel_agents.early_bound import builtins, time
from pytest_parallel_agents.runtest.own_process import OwnProcess
from pytest_parallel_agents.wire import messages
from pytest_parallel_agents.wire.journal import Journal
from pytest_parallel_agents.worker.wakeup import Wakeup

__builtins__ = builtins

BATCH_SECONDS: Final = 0.05


class Outbox:
    """The worker's end of the channel to the controller. Safe to use from any thread."""

    def __init__(self, channel: Any, journal: Journal) -> None:
        self._channel = channel
        self._journal = journal
        self._process = OwnProcess()
        self._batch = 1
        self._frames: list[bytes] = []
        self._begun: int | None = None
        self._lock = _thread.allocate_lock()
        self._filled = Wakeup()
        self.closed = False
        journal.begin(self._batch)
        _thread.start_new_thread(self._send_old, ())  # unlike a Thread, it does not disturb tests that count threads

    def send(self, message: messages.WorkerMessage) -> None:
        """Sends this with the next batch. Ends a fork of the worker, which must not send."""
        self._process.end_forks(int(isinstance(message, messages.Halted)))
        frame = messages.encode(message)
        with self._lock:
            is_first = not self._frames
            self._merge(message)
            self._frames.append(frame)
            if not self._journal.add(frame):
                self._send()
        if is_first:  # for a later one the sender is awake, or about to send all
            self._filled.wake()

    def flush(self) -> None:
        """Sends the batch now. A fork of the worker sends nothing: it is still in the check that forked it."""
        if not self._process.is_current():
            return
        with self._lock:
            self._send()

    def _merge(self, message: messages.WorkerMessage) -> None:
        """Adds a message. The start of a check that ended within the same batch is left out."""
        if isinstance(message, messages.Started):
            self._begun = message.check
            return
        if isinstance(message, messages.Finished) and message.check == self._begun and self._frames:
            self._journal.drop(self._frames.pop())
        self._begun = None

    def _send(self) -> None:
        if not self._frames:
            return
        try:
            self._channel.send(messages.encode_batch(self._batch, self._frames))
        except OSError:  # it stays in the journal, which the controller may still read
            self.closed = True
            return
        except Exception:  # noqa: BLE001 - a check may have replaced what execnet uses: try again in a moment
            self._filled.wake()
            return
        self._batch += 1
        self._frames = []
        self._begun = None
        self._journal.begin(self._batch)

    def _send_old(self) -> None:
        with contextlib.suppress(Exception):  # the interpreter may be ending
            while not self.closed:
                self._filled.wait()
                time.sleep(BATCH_SECONDS)
                self.flush()
