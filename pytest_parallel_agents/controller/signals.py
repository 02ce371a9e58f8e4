"""What the controller makes of signals while checks run."""

from __future__ import annotations

import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

TELL: Final = getattr(signal, "SIGUSR1", None)
"""Asks what is running. Windows has no such signal."""

_ENDING: Final[dict[int, Any]] = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}


class Signals:
    """Signals that came and were not heeded yet.

    Ctrl-C and SIGTERM are heard here the first time and are a KeyboardInterrupt, as ever, the second time.
    """

    def __init__(self) -> None:
        self._came: deque[int] = deque()
        self._ending = False
        self._wake: Callable[[], None] = lambda: None

    def take(self) -> Iterable[int]:
        """Those that have come by now, each once, the oldest first. Asking faster than is answered starves nobody."""
        return dict.fromkeys([self._came.popleft() for _ in range(len(self._came))])

    @contextmanager
    def heard(self, wake: Callable[[], None]) -> Iterator[None]:
        """Hear signals within the block. `wake` is called for each, in the middle of whatever runs. Handlers that
        somebody else has set stay.
        """
        self._wake = wake
        replaced: dict[int, Any] = {}
        if threading.current_thread() is threading.main_thread():
            for number, default in _ENDING.items():
                if signal.getsignal(number) == default:
                    replaced[number] = signal.signal(number, self._end)
            if TELL is not None and signal.getsignal(TELL) == signal.SIG_DFL:
                replaced[TELL] = signal.signal(TELL, self._note)
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
        self._came.append(signum)
        self._wake()
