"""Inside a worker: take orders, run checks one after another in the main thread, tell what happened.

Orders arrive in execnet's receiver thread, so that what has not started can be given back while a check runs.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

import pytest

from pytest_parallel_agents.workers import messages, wire
from pytest_parallel_agents.workers.contract import interpreter
from pytest_parallel_agents.workers.outbox import Outbox
from pytest_parallel_agents.workers.protocol import CheckProtocol, describe_halt
from pytest_parallel_agents.workers.stacks import Stacks


class Items(Protocol):
    """Finds the pytest items of checks."""

    def describe(self, addresses: tuple[messages.Address, ...]) -> None:
        """Learn where checks are to be found."""

    def find(self, check: int) -> pytest.Item:
        """The item of a check. Raises LookupError, whose text goes into an error report."""


class Worker:
    """Runs what it is assigned until it is told to finish or its channel ends."""

    def __init__(self, session: pytest.Session, channel: Any, outbox: Outbox, items: Items, stacks: Stacks) -> None:
        self._items = items
        self._channel = channel
        self._outbox = outbox
        self._protocol = CheckProtocol(session, outbox.say, stacks)
        self._queue: deque[int] = deque()
        self._then: int | None = None
        self._wants_more = True
        self._finishing = False
        self._changed = threading.Condition()

    def run(self) -> None:
        """Serve the controller. Whatever ends the session here is told to it as `Halted`."""
        self._outbox.say(messages.Ready(os.getpid(), time.monotonic(), wire.pack(interpreter())))
        self._channel.setcallback(self._obey, endmarker=None)
        for work in (self._run_queue, self._protocol.tear_down):
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - the controller decides what each of them means
                self._outbox.say(describe_halt(error))
        self._outbox.flush()

    def _run_queue(self) -> None:
        while (check := self._next()) is not None:
            self._wants_more = self._protocol.run(check, self._items.find, self._peek)

    def _next(self) -> int | None:
        if not self._queue:
            self._outbox.flush()  # the controller needs it to decide what comes next
        with self._changed:
            self._changed.wait_for(self._knows_what_next)
            return self._queue.popleft() if self._queue and self._wants_more else None

    def _knows_what_next(self) -> bool:
        return bool(self._queue and self._wants_more) or self._finishing

    def _peek(self) -> int | None:
        with self._changed:
            return self._queue[0] if self._queue else self._then

    def _obey(self, data: bytes | None) -> None:
        order = messages.Finish() if data is None else messages.decode_order(data)
        match order:
            case messages.Describe(addresses):
                self._items.describe(addresses)
            case messages.Assign(checks, then):
                self._change(lambda: self._take(checks, then))
            case messages.Recall():
                self._change(self._give_back)
            case messages.Finish():
                self._change(self._finish)

    def _change(self, change: Callable[[], None]) -> None:
        with self._changed:
            change()
            self._changed.notify_all()

    def _take(self, checks: tuple[int, ...], then: int | None) -> None:
        self._queue.extend(checks)
        self._then = then

    def _give_back(self) -> None:
        rest = tuple(self._queue)
        self._queue.clear()
        self._then = None
        self._outbox.say(messages.Returned(rest))
        self._outbox.flush()

    def _finish(self) -> None:
        self._finishing = True
