"""Runs one check: pytest's own protocol, its reports, its retries, and the order of tear-downs.

pytest wants to know the next item before it tears down the current one, to keep the fixtures that both use. A worker
that has no next item yet keeps fixtures wider than the file, and tears down the unused ones when it knows the next
item. To plugins the next item is then the one that was collected next, and None only if there is certainly none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

import pytest
from _pytest.nodes import Node
from _pytest.warnings import catch_warnings_for_item

from pytest_parallel_agents.collection.nodes import file_of
from pytest_parallel_agents.early_bound import builtins, time, traceback
from pytest_parallel_agents.marks import agent_mark
from pytest_parallel_agents.options import OPTIONS
from pytest_parallel_agents.runtest.attempts import Attempts, ClockSpan, Turn
from pytest_parallel_agents.runtest.leak_detection import LEAKS
from pytest_parallel_agents.runtest.lookup_cache import Locations
from pytest_parallel_agents.runtest.own_process import OwnProcess, exit_code
from pytest_parallel_agents.runtest.stacks import Stacks
from pytest_parallel_agents.tools.early.client import BEGUN, EARLY, Begun
from pytest_parallel_agents.wire import messages
from pytest_parallel_agents.wire.guarded import encodable, guarded, safe_repr, safe_str
from pytest_parallel_agents.wire.report_codec import Encoder
from pytest_parallel_agents.worker.items import Items
from pytest_parallel_agents.worker.setups import GuessingSetupState

__builtins__ = builtins

_COUNTED: Final = nullcontext()


class Following(NamedTuple):
    """The check that follows on this worker, None as long as that is not known, and whether none ever will."""

    check: int | None
    is_over: bool


class CheckProtocol:
    """Runs checks in this process's session and reports what happened."""

    def __init__(
        self, session: pytest.Session, send: Callable[[messages.WorkerMessage], None], items: Items, stacks: Stacks
    ) -> None:
        self._session = session
        self._items = items
        self._send = send
        self._stacks = stacks
        self._process = OwnProcess()
        self._encoder = Encoder(session.config)
        self.wants_more = True
        self.check = -1
        self._phases: list[messages.Phase] = []
        self._last: tuple[int, pytest.Item] | None = None
        self._setups = session._setupstate = GuessingSetupState(session)  # noqa: SLF001
        self._kept_for: Node | None = None
        self._checks: dict[pytest.Item, int] = {}
        self._leaks = session.config.stash[LEAKS]
        self._locations = Locations()
        self._early = session.config.stash.get(EARLY, None)
        self._gets_warnings = False
        session.config.pluginmanager.register(self, "parallel-agents-protocol")
        self._gets_warnings = True
        self._attempts = Attempts(session.config)

    def run(self, check: int, peek: Callable[[], Following], *, tried: int) -> Iterator[Turn]:
        """Runs one check and reports it: with each turn the caller runs pytest's protocol. `peek` returns what follows,
        `tried` is how often the check was tried elsewhere.

        Afterwards `wants_more` is whether the session takes another one.
        """
        self.check = check
        begun = self._take_begun(check)
        self._send(messages.Started(check, time.monotonic() if begun is None else begun.start))
        try:
            item = self._items.find(check)
        except LookupError as error:
            now = time.monotonic()
            self._send(messages.Finished(check, (now, now), (), error=str(error)))
            return
        with self._stacks.limit(_time_limit(item)):
            self._tear_down_unused(item)
            self._locations.set_location(item)
            self._last = check, item
            self._checks[item] = check
            self._phases = []
            self._encoder.begin(item)
            with self._uncounted(item):
                yield from self._attempts.run(item, lambda: self._next_item(item, peek()), self, tried=tried)
        if begun is not None:
            begun.close()
        halt = encodable(safe_str(self._session.shouldfail or self._session.shouldstop or ""))
        fails = bool(self._session.shouldfail)
        self._send(messages.Finished(check, self._attempts.span, tuple(self._phases), halt, fails=fails))
        self._report_leaks()
        self.wants_more = not halt

    def number(self, item: pytest.Item) -> int | None:
        """The check that the item is, if it has begun here."""
        return self._checks.get(item)

    def failed(self, span: ClockSpan) -> None:
        """Reports an attempt that is followed by another."""
        self._send(messages.AttemptFailed(self.check, span, tuple(self._phases)))
        self._phases = []

    def again(self, at: float) -> None:
        """Restarts the time limit for the next attempt."""
        self._send(messages.Started(self.check, at))
        self._stacks.again(at)

    def tear_down(self) -> None:
        """Tears down every fixture that is still set up."""
        self._tear_down_unused(None)
        guarded(self._leaks.end_all, lambda _: None)
        self._report_leaks()
        self._encoder.close()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> None:
        """A phase is over. A process that the check has forked and that did not end by itself ends here."""
        self._process.end_forks(exit_code(call.excinfo.value if call.excinfo is not None else None))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._phases.append(self._encoder.encode(report))

    @pytest.hookimpl(tryfirst=True)
    def pytest_warning_recorded(self, warning_message: Any, when: str, nodeid: str, location: Any) -> None:
        """Sends a warning of this worker's. The controller has those of configuration and collection, which pytest
        replays to every plugin that is registered later.
        """
        if self._gets_warnings:
            self._send(self._encoder.warning(warning_message, when, nodeid, location))

    @pytest.hookimpl(trylast=True)
    def pytest_exception_interact(self) -> None:
        self._stacks.watch()  # pytest has just stopped the timer

    def _uncounted(self, item: pytest.Item) -> AbstractContextManager[None]:
        """The failure of a check that may not count in the end must not end the session here, as `-x` would."""
        options, mark = item.config.stash[OPTIONS], agent_mark(item)
        counts = options.wait is None and options.groups.get(mark.group or "") is None
        if counts and options.agree(mark.group) is None:
            return _COUNTED
        return self._not_counted(item)

    @contextmanager
    def _not_counted(self, item: pytest.Item) -> Iterator[None]:
        maxfail, item.config.option.maxfail = item.config.option.maxfail, 0
        failed = self._session.testsfailed
        try:
            yield
        finally:
            item.config.option.maxfail = maxfail
            self._session.testsfailed = failed

    def _take_begun(self, check: int) -> Begun | None:
        """The command of the check, if it has begun before the run."""
        if self._early is None:
            return None
        item = self._items.find(check)
        begun = self._early.take(item.nodeid, lambda: self.again(time.monotonic()))
        if begun is not None:
            item.stash[BEGUN] = begun
        return begun

    def _next_item(self, item: pytest.Item, following: Following) -> pytest.Item | None:
        found: pytest.Item | None = None
        if following.check is not None:
            with suppress(LookupError):  # it is reported when its turn comes
                found = self._items.find(following.check)
        if found is not None or following.is_over:
            self._setups.guess(None)
            self._kept_for = found
            return found
        guess = self._items.neighbour(self.check)
        self._kept_for = _above_file(item)
        self._setups.guess(guess, self._kept_for)
        return guess

    def _tear_down_unused(self, item: pytest.Item | None) -> None:
        """Tears down what `item` does not use. A failure there counts for the check that ran last."""
        state = self._setups
        if self._last is None or _is_needed_by(state, item):
            return
        state.guess(None)
        if item is not None and not _is_needed_by(state, self._kept_for):
            return  # a hook has kept pytest from tearing down, for which the next check fails in a serial run too
        check, last = self._last
        call = pytest.CallInfo.from_call(
            lambda: self._captured(last, lambda: state.teardown_exact(item)),
            when="teardown",
            reraise=(pytest.exit.Exception, KeyboardInterrupt),
        )
        if call.excinfo is None:
            return
        self._encoder.begin(last)
        with _requesting(last):
            report = last.ihook.pytest_runtest_makereport(item=last, call=call)
        self._send(messages.Late(check, self._encoder.encode(report)))

    def _report_leaks(self) -> None:
        """Reports leaks of checks that were over."""
        for item, report in self._leaks.late():
            self._encoder.begin(item)
            self._send(messages.Late(self._checks[item], self._encoder.encode(report)))

    def _captured(self, item: pytest.Item, work: Callable[[], None]) -> None:
        manager: Any = item.config.pluginmanager.getplugin("capturemanager")
        capture: AbstractContextManager[None] = (
            manager.item_capture("teardown", item) if manager is not None else nullcontext()
        )
        with capture, _recorded_warnings(item):
            work()


def describe_halt(error: BaseException) -> messages.Halted:
    """The controller's message about an exception that ended a worker's session."""
    if isinstance(error, pytest.exit.Exception):
        code = error.returncode if isinstance(error.returncode, int) else None
        return messages.Halted(encodable(safe_str(error.msg)), internal=False, exit=code)
    if isinstance(error, KeyboardInterrupt):
        return messages.Halted("keyboard interrupt", internal=False)
    if isinstance(error, pytest.UsageError):  # as a mark's filter of warnings that is none
        return messages.Halted(encodable(safe_str(error)), internal=False, usage=True)
    text = guarded(lambda: "".join(traceback.format_exception(error)), lambda _: safe_repr(error))
    return messages.Halted(encodable(text), internal=True)


def _is_needed_by(state: GuessingSetupState, node: Node | None) -> bool:
    """Whether all that is set up belongs to `node` and its parents."""
    return list(state.stack) == (node.listchain() if node is not None else [])[: len(state.stack)]


def _recorded_warnings(item: pytest.Item) -> AbstractContextManager[None]:
    """Records warnings as pytest does around each phase of an item; the filters may make them errors.

    Filters of the item's marks do not count for wider fixtures.
    """
    if not item.config.pluginmanager.hasplugin("warnings"):
        return nullcontext()
    unmarked: Any = SimpleNamespace(nodeid=item.nodeid, iter_markers=lambda **_: ())
    return catch_warnings_for_item(item.config, item.ihook, "runtest", unmarked)


@contextmanager
def _requesting(item: Any) -> Iterator[None]:
    """Gives the item what it has while its protocol runs: plugins look for the fixtures of items that they
    report on.
    """
    if not hasattr(item, "_request"):
        yield
        return
    item._initrequest()  # noqa: SLF001
    try:
        yield
    finally:
        item._request, item.funcargs = False, None  # noqa: SLF001 - as pytest's own runner leaves it


def _time_limit(item: pytest.Item) -> float | None:
    """Seconds that an attempt may take."""
    mark = agent_mark(item)
    return item.config.stash[OPTIONS].limits.of(mark.kind, mark.timeout)


def _above_file(item: pytest.Item) -> Node:
    """The innermost node above the item's file: what later checks of this worker may still share."""
    file = file_of(item)
    return (file.parent if file is not None else None) or item.session
