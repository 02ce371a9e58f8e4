"""Finds the check that has left something behind, right after its tear-down.

Things that a fixture wider than the check has started in its set-up are the fixture's. Things that appear while a check
runs may be too: a pool that grows when it is used. As long as a wider fixture of the check lives nothing is reported; a
thing that has survived all of them was the check's.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar

import msgspec
import pytest

from pytest_parallel_agents.agents.evidence import EVIDENCE, record_note, recorded, to_wire
from pytest_parallel_agents.early_bound import builtins, time, warnings
from pytest_parallel_agents.errors import LeakWarning
from pytest_parallel_agents.hidden_frames import hidden
from pytest_parallel_agents.printable import escape
from pytest_parallel_agents.runtest.capture import renew_capture
from pytest_parallel_agents.runtest.child_processes import seconds_since_start
from pytest_parallel_agents.runtest.leak_report import LEFT_BEHIND, warn_of_leak, warn_of_leaks
from pytest_parallel_agents.runtest.leftovers import (
    Detached,
    Leftover,
    Process,
    Watch,
    detached,
    end_processes,
    had_children,
)
from pytest_parallel_agents.wire.guarded import guarded
from pytest_parallel_agents.wire.report_codec import report_teardown

__builtins__ = builtins

_Thing = TypeVar("_Thing", bound=Leftover)

SETTLE_SECONDS: Final = 0.1
"""Seconds that a thing which is about to end may take."""


CLOCK_SECONDS: Final = 0.02
"""The system gives the start of a process in hundredths."""


class _PendingLeak(msgspec.Struct, frozen=True):
    item: pytest.Item
    things: frozenset[Leftover]
    owners: tuple[Any, ...]

    def is_certain(self) -> bool:
        return all(owner.cached_result is None for owner in self.owners)


class Leaks:
    """The plugin that reports leaks: in notes, which become warnings, or as errors if `strict`."""

    def __init__(self, watch: Watch, *, strict: bool) -> None:
        self._watch = watch
        self._strict = strict
        self._known: set[Leftover] = set()
        self._pending: list[_PendingLeak] = []
        self._late: list[tuple[pytest.Item, pytest.TestReport]] = []
        self._processes: set[Process] = set()
        self._parent: object = None
        self._in_wide_setup = False
        self._begun: list[tuple[float, pytest.Item]] = []
        self._worker_processes: Callable[[], Iterable[int]] = tuple

    def include_detached(self, worker_processes: Callable[[], Iterable[int]]) -> None:
        """`worker_processes` finds all processes that come from this one, also those that have detached themselves."""
        self._worker_processes = worker_processes

    def begin(self, item: pytest.Item) -> None:
        """A check is about to be set up. Things started at import, before the first check of a file, belong to no
        check.
        """
        self._begun.append((time.monotonic(), item))
        if item.parent is not self._parent:
            self._parent = item.parent
            self._known |= self._new()

    @pytest.hookimpl(wrapper=True)
    @hidden
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        __tracebackhide__ = True
        if fixturedef.scope == "function" or self._in_wide_setup:
            return (yield)
        before = self._new()
        self._in_wide_setup = True
        try:
            return (yield)
        finally:
            self._in_wide_setup = False
            self._known |= self._new() - before

    def end(self, item: pytest.Item, report: pytest.TestReport) -> None:
        """A check has been torn down; `report` is that phase's."""
        new = self._new()
        if new:
            self._known |= new
            if _is_ignored(item, new):
                self._keep_processes(item, new)
            else:
                self._pending.append(_PendingLeak(item, frozenset(new), _owners(item)))
        if self._pending:
            self._judge(item, report)

    def warn_of_noted(self, noted: Iterable[tuple[pytest.Item, Sequence[str]]]) -> None:
        """The run is over, and these are the notes of its checks: warns of leaks that are no error."""
        if not self._strict:
            warn_of_leaks(noted)

    def end_all(self) -> None:
        """All checks are over: reports the processes that they have detached, for the checks that ran when
        these began.
        """
        if not self._begun or not had_children():
            return
        for process in _left(list(detached(self._worker_processes())), time.monotonic() + SETTLE_SECONDS):
            start = time.monotonic() - seconds_since_start(process.started) + CLOCK_SECONDS
            item = next((item for begun, item in reversed(self._begun) if begun <= start), None)
            if item is not None and not _is_ignored(item, [process]):
                late = report_teardown(item)
                self._record(item, late, [process])
                self._late.append((item, late))

    def late(self) -> Iterator[tuple[pytest.Item, pytest.TestReport]]:
        """Reports on checks that were over before it was clear what they had left behind."""
        if self._pending:
            self._judge(None, None)
        while self._late:
            yield self._late.pop(0)

    def end_processes(self) -> None:
        """Ends the processes that checks have left behind."""
        end_processes(self._processes)

    def _new(self) -> set[Leftover]:
        """Things that are new."""
        return guarded(self._look, lambda _: set())  # a test may have replaced what is called

    def _look(self) -> set[Leftover]:
        if self._watch.is_quiet():
            return set()
        self._known = {thing for thing in self._known if thing.is_there()}
        return self._watch.look() - self._known

    def _judge(self, item: pytest.Item | None, report: pytest.TestReport | None) -> None:
        certain = [pending for pending in self._pending if pending.is_certain()]
        self._pending = [pending for pending in self._pending if pending not in certain]
        until = time.monotonic() + SETTLE_SECONDS
        for pending in certain:
            left = _left(pending.things, until)
            if left and pending.item is item and report is not None:
                self._record(item, report, left)
            elif left:
                late = report_teardown(pending.item)
                self._record(pending.item, late, left)
                self._late.append((pending.item, late))

    def _record(self, item: pytest.Item, report: pytest.TestReport, left: Sequence[Leftover]) -> None:
        texts = sorted(escape(f"{LEFT_BEHIND}{thing}") for thing in left)
        for text in texts:
            record_note(item, text)
        if self._strict and report.failed:
            report.sections.append(("Left behind", "\n".join(texts)))
        elif self._strict:
            report.outcome = "failed"
            report.longrepr = "\n".join(texts)
        setattr(report, EVIDENCE, to_wire(recorded(item)))
        self._keep_processes(item, left)

    def _keep_processes(self, item: pytest.Item, left: Iterable[Leftover]) -> None:
        """Records processes: their output from now on is no check's, and at the end of the run they are ended."""
        processes = {thing for thing in left if isinstance(thing, Process) and not isinstance(thing, Detached)}
        if processes:
            self._processes |= processes
            renew_capture(item.config)


LEAKS: Final = pytest.StashKey[Leaks]()


def watch_leaks(config: pytest.Config, *, strict: bool) -> Leaks:
    """Registers the plugin for this process's checks."""
    watch = Watch()
    config.add_cleanup(watch.install())
    leaks = config.stash[LEAKS] = Leaks(watch, strict=strict)
    config.pluginmanager.register(leaks, "parallel-agents-leaks")
    return leaks


def _left(things: Iterable[_Thing], until: float) -> list[_Thing]:
    """Things that are still there at the time `until`."""
    while (left := [thing for thing in things if thing.is_there()]) and time.monotonic() < until:
        time.sleep(0.005)
    return left


def _owners(item: pytest.Item) -> tuple[Any, ...]:
    """The wider fixtures of the check that live on; pytest's own and xdist's start nothing."""
    definitions = getattr(getattr(item, "_request", None), "_fixture_defs", {})
    return tuple(
        definition
        for name, definition in definitions.items()
        if definition.scope != "function"
        and definition.cached_result is not None
        and not _is_built_in(name, definition)
    )


def _is_built_in(name: str, definition: Any) -> bool:
    """Names with an underscore are pytest's wrappers of `setup_module` and the like."""
    return not name.startswith("_") and str(definition.func.__module__).startswith(("_pytest.", "xdist."))


def _is_ignored(item: pytest.Item, things: Iterable[Leftover]) -> bool:
    """Whether the warning filters of the check hide all of it."""
    with warnings.catch_warnings(record=True) as shown:
        try:
            for thing in things:
                warn_of_leak(item, f"{LEFT_BEHIND}{thing}")
        except LeakWarning:
            return False
    return not shown
