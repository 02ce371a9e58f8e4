"""Which lines of the project each check executes: in its set-up, and in its call until it fails.

What only describes a failure does not count, nor does what is torn down afterwards. What a fixture wider than a check
executed when it was set up counts for each check that uses it, whichever came first.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from _pytest.unittest import TestCaseFunction

from pytest_parallel_agents.early_bound import builtins
from pytest_parallel_agents.hidden_frames import hidden
from pytest_parallel_agents.runtest.descriptions import set_aside
from pytest_parallel_agents.runtest.line_coverage import CannotRecord, Lines
from pytest_parallel_agents.runtest.line_recorder import LineRecorders

__builtins__ = builtins

Spectrum = Mapping[str, tuple[int, ...]]
"""Path: lines, in order."""

Send = Callable[[pytest.Item, Spectrum, str], None]
"""Takes what a check has executed; the text says why that is not known, if it is not."""


class Spectra:
    """The plugin that records them, one check at a time, and sends each when its check is over.

    `is_quick`: whether what an error executes on its way need not be told apart.
    """

    def __init__(self, recorders: LineRecorders, send: Send, is_quick: Callable[[pytest.Item], bool]) -> None:
        self._recorders = recorders
        self._coverage = recorders.precise
        self._is_quick = is_quick
        self._send = send
        self._levels: list[_Gathered] = [_Gathered()]
        self._of_fixtures: dict[pytest.FixtureDef[Any], Lines] = {}
        self._is_on = False
        self._fault = ""
        self._patch = pytest.MonkeyPatch()
        set_aside(self._patch, self._paused)
        self._end_with_failures_of_unittest()

    def close(self) -> None:
        """Undo what has been patched."""
        self._patch.undo()

    def seen(self) -> Spectrum:
        """What the running check has executed until now. May be asked from any thread."""
        every = _Gathered()
        for lines in (*(level.lines for level in list(self._levels)), self._coverage.seen()):
            every.add(lines)
        return every.spectrum()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        try:
            return (yield)
        finally:
            self._send(item, {} if self._fault else self._levels[0].spectrum(), self._fault)
            self._begin()

    @pytest.hookimpl(wrapper=True, trylast=True)
    @hidden
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None]:
        __tracebackhide__ = True
        self._coverage = self._recorders.quick if self._is_quick(item) else self._recorders.precise
        self._begin()
        with self._recorded(item):
            yield

    @pytest.hookimpl(wrapper=True, trylast=True)
    @hidden
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None]:
        __tracebackhide__ = True
        with self._recorded(item):
            yield

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    @hidden
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        __tracebackhide__ = True
        if fixturedef.scope == "function" or not self._is_on:
            return (yield)
        self._gather()
        self._levels.append(_Gathered())
        self._coverage.start()  # lines that the check has executed already are to be reported again
        try:
            with self._until_it_fails():
                return (yield)
        finally:
            self._gather()
            self._of_fixtures[fixturedef] = lines = self._levels.pop().lines
            self._levels[-1].add(lines)

    def _paused(self) -> AbstractContextManager[None]:
        return self._coverage.paused()

    def _begin(self) -> None:
        """Nothing is known of what comes."""
        self._coverage.forget()
        self._levels, self._fault = [_Gathered()], ""

    @contextmanager
    def _recorded(self, item: pytest.Item) -> Iterator[None]:
        try:
            self._coverage.start()
            self._is_on = True
        except CannotRecord as fault:
            self._fault = str(fault)
        try:
            with self._until_it_fails():
                yield
        finally:
            self._end()
            self._gather()
            for lines in self._used(item):
                self._levels[0].add(lines)

    @contextmanager
    def _until_it_fails(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            self._coverage.forget_since(error)
            raise

    def _end(self) -> None:
        if self._is_on:
            self._is_on = False
            try:
                self._coverage.stop()
            except CannotRecord as fault:
                self._fault = str(fault)

    def _gather(self) -> None:
        self._levels[-1].add(self._coverage.seen())
        self._coverage.forget()

    def _used(self, item: pytest.Item) -> Iterator[Lines]:
        """What wide fixtures executed that the item uses: those that it has asked for, also while it ran."""
        request = getattr(item, "_request", None)
        for fixturedef in list(getattr(request, "_fixture_defs", {}).values()):
            yield self._of_fixtures.get(fixturedef, {})

    def _end_with_failures_of_unittest(self) -> None:
        """`unittest` notes a failure and goes on to its own tear-down, within the call."""
        for name in ("addError", "addFailure"):
            add = getattr(TestCaseFunction, name)

            def end_first(
                item: TestCaseFunction, testcase: object, failure: Any, _add: Callable[..., None] = add
            ) -> None:
                self._end()
                if isinstance(failure, tuple) and isinstance(failure[1], BaseException):
                    self._coverage.forget_since(failure[1])
                _add(item, testcase, failure)

            self._patch.setattr(TestCaseFunction, name, end_first)


class _Gathered:
    def __init__(self) -> None:
        self.lines: dict[str, frozenset[int]] = {}

    def add(self, lines: Lines) -> None:
        for path, found in lines.items():
            self.lines[path] = self.lines.get(path, frozenset()) | found

    def spectrum(self) -> Spectrum:
        return {path: tuple(sorted(found)) for path, found in self.lines.items()}
