"""Inside a worker: executes messages, runs checks one after another in the main thread, reports what happened.

Messages arrive in execnet's receiver thread, so that checks that have not started can be returned while one runs.
"""

from __future__ import annotations

import _thread
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import pytest

from pytest_parallel_agents.agents.profile import SETTLE
from pytest_parallel_agents.compat.xdist import interpreter
from pytest_parallel_agents.early_bound import builtins, os, time
from pytest_parallel_agents.marks import agent_mark
from pytest_parallel_agents.options import OPTIONS, RootCause
from pytest_parallel_agents.project_paths import project_place
from pytest_parallel_agents.runtest.attempts import Turn
from pytest_parallel_agents.runtest.frame_stack import with_frame_stack
from pytest_parallel_agents.runtest.leftovers import end_children
from pytest_parallel_agents.runtest.stack_samples import sample_stacks
from pytest_parallel_agents.runtest.stacks import Stacks
from pytest_parallel_agents.wire import messages, packing
from pytest_parallel_agents.worker.check_protocol import CheckProtocol, Following, describe_halt
from pytest_parallel_agents.worker.items import Items
from pytest_parallel_agents.worker.outbox import Outbox
from pytest_parallel_agents.worker.wakeup import Wakeup

if TYPE_CHECKING:
    from pytest_parallel_agents.worker.covered import CoveringAside

__builtins__ = builtins


class Worker:
    """Runs the checks that it is assigned until `Finish` arrives or its channel ends.

    `leave_no_trace` is called before checks that are run once more, aside from the run.
    """

    def __init__(
        self,
        session: pytest.Session,
        channel: Any,
        outbox: Outbox,
        items: Items,
        stacks: Stacks,
        *,
        leave_no_trace: Callable[[pytest.Config], None] | None = None,
    ) -> None:
        self._leave_no_trace = leave_no_trace
        self._channel = channel
        self._outbox = outbox
        self._config = session.config
        self._items = items
        session.config.stash[SETTLE] = outbox.flush
        self._protocol = CheckProtocol(session, outbox.send, items, stacks)
        if session.config.stash[OPTIONS].root_cause is RootCause.ALWAYS:
            self._cover_all()
        self._lanes: deque[tuple[int, ...]] = deque()
        self._rest: deque[int] = deque()
        self._next_check: int | None = None
        self._tried: dict[int, int] = {}
        self._received = 0
        self._thread = 0
        self._finishing = False
        self._is_aside = False
        self._prepare: Callable[[], None] = _nothing
        self._covering: CoveringAside | None = None
        self._waits = False
        self._under_way = False
        self._lock = _thread.allocate_lock()
        self._changed = Wakeup()

    @with_frame_stack
    def run(self) -> None:
        """Serves the controller. An exception that ends the session is reported as `Halted`."""
        sys._getframe()  # noqa: SLF001 - see `with_frame_stack`
        self._thread = _thread.get_ident()
        self._outbox.send(messages.Ready(os.getpid(), time.monotonic(), packing.pack(interpreter())))
        self._channel.setcallback(self._execute, endmarker=None)
        try:
            for item, following in self._turns():  # called from here, so that few frames lie below a check
                if agent_mark(item).alone:
                    self._outbox.flush()  # or another thread would send it while the check runs
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        except BaseException as error:  # noqa: BLE001 - the controller decides what each means
            self._outbox.send(describe_halt(error))
        for work in (self._protocol.tear_down, end_children):
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - the same
                self._outbox.send(describe_halt(error))
        self._outbox.flush()
        if self._is_aside:
            os._exit(0)  # noqa: SLF001

    def _turns(self) -> Iterator[Turn]:
        while (check := self._next()) is not None:
            self._prepare()
            tried = self._tried.pop(check, 0)
            yield from self._protocol.run(check, self._peek, tried=tried)

    def _next(self) -> int | None:
        self._under_way = False
        if not self._may_begin:
            self._outbox.flush()  # the controller needs it to decide what follows
        while True:
            with self._lock:
                if self._may_begin and self._protocol.wants_more:
                    return self._take_first()
                if self._finishing:
                    return None
            self._changed.wait()

    def _take_first(self) -> int:
        self._under_way = True
        if not self._rest:
            self._rest.extend(self._lanes.popleft())
        return self._rest.popleft()

    @property
    def _has_checks(self) -> bool:
        return bool(self._rest or self._lanes)

    @property
    def _may_begin(self) -> bool:
        """Whether there is a check, and another one if the next must be known."""
        if not self._waits or self._finishing:
            return self._has_checks
        return len(self._rest) + sum(map(len, self._lanes)) > 1

    def _peek(self) -> Following:
        with self._lock:
            if self._rest:
                return Following(self._rest[0], is_over=False)
            if self._lanes:
                return Following(self._lanes[0][0], is_over=False)
            return Following(self._next_check, is_over=self._finishing)

    def _execute(self, data: bytes | None) -> None:
        """Raises an error that closes the channel, so that the controller gives the work to another worker."""
        match self._decode_next(data):
            case messages.Assign(lanes, next_check, tried, waits):
                self._change(lambda: self._take(lanes, next_check, tried, waits=waits))
            case messages.Recall(rest):
                self._change(lambda: self._give_back(rest=rest))
            case messages.GoOn():
                self._change(self._go_on)
            case messages.Finish():
                self._change(self._finish)
            case messages.Sample(check, seconds):
                _thread.start_new_thread(self._sample, (check, seconds))
            case messages.TryAlone(check):
                self._change(lambda: self._take_aside((check,), _nothing, is_last=True))
            case messages.Cover(checks, is_last=is_last) as cover:
                self._change(lambda: self._take_aside(checks, lambda: self._cover(cover), is_last=is_last))

    def _decode_next(self, data: bytes | None) -> messages.ControllerMessage:
        """The next message. Raises RuntimeError if one before it is missing, and `msgspec.DecodeError`."""
        if data is None:
            return messages.Finish()
        number, message = messages.decode_controller_message(data)
        if number != self._received + 1:
            raise RuntimeError(f"message {number} came after message {self._received}")
        self._received = number
        return message

    def _change(self, change: Callable[[], None]) -> None:
        with self._lock:
            change()
        self._changed.wake()

    def _take(
        self,
        lanes: tuple[tuple[int, ...], ...],
        next_check: int | None,
        tried: Iterable[tuple[int, int]],
        *,
        waits: bool,
    ) -> None:
        self._waits = waits
        self._lanes.extend(lanes)
        self._tried.update(tried)
        self._next_check = next_check

    def _take_aside(self, checks: tuple[int, ...], prepare: Callable[[], None], *, is_last: bool) -> None:
        def once() -> None:
            self._prepare = _nothing
            leave_no_trace, self._leave_no_trace = self._leave_no_trace, None
            if leave_no_trace is not None:
                leave_no_trace(self._config)
            prepare()

        self._is_aside, self._finishing = True, is_last
        self._prepare = once
        self._rest.extend(checks)

    def _cover_all(self) -> None:
        from pytest_parallel_agents.worker.covered import cover

        cover(self._config, self._outbox.send, self._protocol.number)

    def _sample(self, check: int, seconds: float) -> None:
        """In a thread of its own: messages go on coming in meanwhile."""
        place = partial(project_place, root=self._config.rootpath)
        with suppress(Exception):  # the check may have replaced what this needs
            found = sample_stacks(self._thread, seconds, place, lambda: self._protocol.check == check)
            if found is not None:
                self._outbox.send(messages.Sampled(check, tuple(found.stacks.items()), found.lasting))
                self._outbox.flush()

    def _cover(self, cover: messages.Cover) -> None:
        from pytest_parallel_agents.worker.covered import CoveringAside

        if self._covering is None:
            self._covering = CoveringAside(self._config, self._outbox)
        for check in cover.checks:
            with suppress(LookupError):  # it is reported when its turn comes
                self._covering.expect(check, self._items.find(check), cover.seconds, quick=cover.quick)

    def _give_back(self, *, rest: bool) -> None:
        """Returns lanes. The one under way stays with its fixtures, unless its `rest` is recalled too."""
        kept = [] if rest else self._kept_lanes()
        returned = [*(self._rest if rest else ()), *chain.from_iterable(islice(self._lanes, len(kept), None))]
        if rest:
            self._rest.clear()
        if rest or len(kept) < len(self._lanes):
            self._next_check = None
        self._lanes = deque(kept)
        self._outbox.send(messages.Returned(tuple(returned)))
        self._outbox.flush()

    def _kept_lanes(self) -> list[tuple[int, ...]]:
        """Lanes that have not begun and are kept, so that the next check stays known."""
        kept: list[tuple[int, ...]] = []
        needed = (not self._under_way) + 1 - len(self._rest) if self._waits else 0
        for lane in self._lanes:
            if needed <= 0:
                break
            kept.append(lane)
            needed -= len(lane)
        return kept

    def _go_on(self) -> None:
        self._waits = False

    def _finish(self) -> None:
        self._finishing = True


def _nothing() -> None:
    """Prepares nothing."""
