"""The controller's signals while checks run."""

from __future__ import annotations

import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

REPORT_SIGNAL: Final = getattr(signal, "SIGUSR1", None)
"""Requests a report of what is running. Windows has no such signal."""

_ENDING: Final[dict[int, Any]] = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}


@contextmanager
def broken_pipes_raise() -> Iterator[None]:
    """Within the block a message to a worker that has just ended raises BrokenPipeError, as usual in Python, whatever a
    conftest has decided for tests.
    """
    number = getattr(signal, "SIGPIPE", None)
    if number is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(number, signal.SIG_IGN)
    try:
        yield
    finally:
        if before is not None:  # it was not set from Python
            signal.signal(number, before)


@contextmanager
def sigterm_interrupts() -> Iterator[None]:
    """Within the block SIGTERM raises a KeyboardInterrupt, as Ctrl-C does. By default it would end the process without
    a report. A handler that others have set stays.
    """
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not in_main_thread or signal.getsignal(signal.SIGTERM) != _ENDING[signal.SIGTERM]:
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class Signals:
    """Signals that arrived and were not handled yet.

    Ctrl-C and SIGTERM are recorded here the first time and raise a KeyboardInterrupt, as usual, the second time.
    """

    def __init__(self) -> None:
        self._arrived: deque[int] = deque()
        self._ending = False
        self._wake: Callable[[], None] = lambda: None

    def take(self) -> Iterable[int]:
        """Removes and returns the signals so far, each once, the oldest first. Signals that arrive meanwhile are left
        for the next call.
        """
        return dict.fromkeys([self._arrived.popleft() for _ in range(len(self._arrived))])

    @contextmanager
    def handled(self, wake: Callable[[], None]) -> Iterator[None]:
        """Records signals within the block. `wake` is called for each, in the middle of whatever runs. Handlers that
        others have set stay.
        """
        self._wake = wake
        replaced: dict[int, Any] = {}
        if threading.current_thread() is threading.main_thread():
            for number, default in _ENDING.items():
                if signal.getsignal(number) == default:
                    replaced[number] = signal.signal(number, self._end)
            if REPORT_SIGNAL is not None and signal.getsignal(REPORT_SIGNAL) == signal.SIG_DFL:
                replaced[REPORT_SIGNAL] = signal.signal(REPORT_SIGNAL, self._note)
        try:
            yield
        finally:
            for signum, handler in replaced.items():
                signal.signal(signum, handler)

    def _end(self, signum: int, frame: FrameType | None) -> None:
        if self._ending:
            raise KeyboardInterrupt
        self._ending = True
        self._note(signum, frame)

    def _note(self, signum: int, _frame: FrameType | None) -> None:
        self._arrived.append(signum)
        self._wake()
