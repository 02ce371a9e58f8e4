"""Line coverage by the C tracer of coverage.py, before Python 3.12, of checks that pass or take long.

It takes a third less time than our own trace function, and does not tell in which order lines were executed: what an
error executes on its way is not told apart. Its interface is that of coverage's `Collector`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from pytest_parallel_agents.early_bound import builtins, threading
from pytest_parallel_agents.runtest.line_coverage import CannotRecord, Lines, Place

__builtins__ = builtins


class QuickLines:
    """Each recording has a new tracer, as a tracer counts the frames that it has seen begin and end.

    Modules' and classes' code is recorded, too: checks that are recorded precisely have no such lines.
    Raises ImportError where there is no C tracer, and AttributeError if it has another interface.
    """

    def __init__(self, place: Place) -> None:
        from coverage.tracer import CFileDisposition, CTracer

        self._place = place
        self._tracer_class: Callable[[], Any] = CTracer
        self._disposition_class: Callable[[], Any] = CFileDisposition
        self._lines: dict[str, set[int]] = {}
        self._paths: dict[str, str] = {}
        self._dispositions: dict[str, Any] = {}
        self._of_threads: list[Any] = []
        self._tracer = self._new_tracer()

    def start(self) -> None:
        """Record from now on. Raises CannotRecord."""
        if self._is_on:
            return
        if sys.gettrace() is not None:
            raise CannotRecord("another tool traces the process, and before Python 3.12 there can be only one")
        self._tracer = self._new_tracer()
        threading.settrace(self._begin_thread)
        self._tracer.start()

    def stop(self) -> None:
        """Record nothing until the next start. Raises CannotRecord if another tool has ended the recording."""
        if not self._is_on:
            raise CannotRecord("the check has replaced the trace function")
        self._tracer.stop()
        threading.settrace(None)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The frames whose end the tracer does not see, and those whose begin, are equally many."""
        if not self._is_on:
            yield  # in another thread
            return
        self._tracer.stop()
        try:
            yield
        finally:
            self._tracer.start()

    def seen(self) -> Lines:
        return {self._paths[name]: frozenset(lines) for name, lines in list(self._lines.items()) if lines}

    def forget(self) -> None:
        for lines in self._lines.values():
            lines.clear()

    def forget_since(self, error: BaseException) -> None:
        """Nothing: it is not known what that was."""

    @property
    def _is_on(self) -> bool:
        """Whether this thread is recorded, by the tracer of the thread that has started the recording."""
        return sys.gettrace() is self._tracer

    def _new_tracer(self) -> Any:
        tracer = self._tracer_class()
        tracer.data = self._lines
        tracer.trace_arcs = False
        tracer.should_trace = self._disposition
        tracer.should_trace_cache = self._dispositions
        tracer.lock_data = tracer.unlock_data = _nothing  # it finds each file's set, and adds none
        tracer.warn = tracer.check_include = tracer.switch_context = tracer.disable_plugin = _nothing
        tracer.should_start_context = None
        tracer.file_tracers = {}
        greenlet = sys.modules.get("greenlet")
        tracer.concur_id_func = None if greenlet is None else greenlet.getcurrent
        return tracer

    def _disposition(self, name: str, _frame: FrameType) -> Any:
        """Whether the tracer records the lines of a file."""
        path = self._place(name)
        if path is not None:
            self._paths[name] = path
            self._lines.setdefault(name, set())
        disposition = self._disposition_class()
        disposition.original_filename = disposition.canonical_filename = name
        disposition.source_filename = None if path is None else name
        disposition.trace = path is not None
        disposition.reason, disposition.file_tracer, disposition.has_dynamic_filename = "", None, False
        return disposition

    def _begin_thread(self, frame: FrameType, event: str, argument: object) -> Any:
        """A thread has a tracer of its own."""
        sys.settrace(None)
        tracer = self._new_tracer()
        self._of_threads.append(tracer)
        return tracer.start()(frame, event, argument)


def _nothing(*_: object) -> None:
    """Does nothing."""
