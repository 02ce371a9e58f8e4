"""A pytest run at a terminal, whose screen is looked at while it runs."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.functional.runs import LIGHT
from tests.processes import PATIENCE
from tests.screens import Screen

_AT_TERMINAL: Final = "import os, sys; os.login_tty(int(sys.argv[1])); os.execv(sys.argv[2], sys.argv[2:])"
_LEFT_OUT: Final = ("CI", "BUILD_NUMBER", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "PY_COLORS", "PYTEST_ADDOPTS")


class TerminalRun:
    """The process, and the screen with what it has written so far."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int, screen: Screen) -> None:
        self.process = process
        self.screen = screen
        self.written = b""
        self._descriptor = descriptor

    def until(self, condition: Callable[[str], object]) -> list[str]:
        """Reads until the condition holds for the text on the screen. Returns its lines; fails after a while."""
        until = time.monotonic() + PATIENCE
        while not condition("\n".join(self.screen.lines)):
            assert time.monotonic() < until, "\n".join(self.screen.lines)
            if not self._read():
                break
        assert condition("\n".join(self.screen.lines)), self.screen.text
        return self.screen.lines

    def resize(self, columns: int, rows: int) -> None:
        termios.tcsetwinsize(self._descriptor, (rows, columns))
        self.screen.resize(columns, rows)

    def end(self) -> int:
        """Reads the rest. Returns the exit code."""
        until = time.monotonic() + PATIENCE
        while self._read():
            assert time.monotonic() < until, self.screen.text
        return self.process.wait(PATIENCE)

    def _read(self) -> bool:
        """Reads for a moment; False at the end."""
        if not select.select([self._descriptor], [], [], 0.05)[0]:
            return True
        try:
            text = os.read(self._descriptor, 1 << 16)
        except OSError:  # nobody has the other end open any more
            return False
        self.written += text
        self.screen.feed(text)
        return bool(text)


@contextmanager
def at_terminal(
    folder: Path, args: Sequence[str], *, columns: int = 80, rows: int = 24, env: Mapping[str, str] | None = None
) -> Iterator[TerminalRun]:
    """Runs pytest with these arguments at a terminal of that size. The process is killed at the end of the block."""
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (rows, columns))
    variables = {name: value for name, value in os.environ.items() if name not in _LEFT_OUT}
    command = [sys.executable, "-c", _AT_TERMINAL, str(theirs), sys.executable, "-m", "pytest", *LIGHT, *args]
    process = subprocess.Popen(
        command, cwd=folder, env=variables | {"TERM": "xterm"} | dict(env or {}), pass_fds=[theirs]
    )
    os.close(theirs)
    try:
        yield TerminalRun(process, ours, Screen(columns, rows))
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()
        os.close(ours)
