"""Checks at a terminal, which stops those who are not in its foreground."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.functional.runs import LIGHT
from tests.processes import PATIENCE

SUITE = """
    import errno
    import os
    import signal
    import subprocess
    import termios

    import pytest

    @pytest.fixture
    def terminal():
        descriptor = os.open("/dev/tty", os.O_RDWR)
        yield descriptor
        os.close(descriptor)

    def test_attributes_are_set(terminal):
        before = termios.tcgetattr(terminal)
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
        termios.tcflush(terminal, termios.TCIFLUSH)

    def test_a_child_sets_them(terminal):
        assert subprocess.run(["stty", "sane"], stdin=terminal).returncode == 0

    def test_it_is_written_to_though_that_is_for_the_foreground(terminal):
        attributes = termios.tcgetattr(terminal)
        attributes[3] |= termios.TOSTOP
        termios.tcsetattr(terminal, termios.TCSANOW, attributes)
        os.write(terminal, b"written")

    def test_handlers_are_the_usual_ones():
        assert signal.getsignal(signal.SIGTTOU) == signal.getsignal(signal.SIGTTIN) == signal.SIG_DFL
"""
READING = """
    import os

    def test_there_is_nothing_to_read():
        descriptor = os.open("/dev/tty", os.O_RDWR)
        try:
            os.read(descriptor, 1)
        except OSError:
            return
        raise AssertionError("read from the terminal")
"""
IN_A_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"


@pytest.mark.slow
def test_a_terminal_can_be_set(pytester: pytest.Pytester, transport: str) -> None:
    pytester.makepyfile(test_setting=SUITE, test_reading=READING)

    serial = _in_a_terminal("test_setting.py")
    parallel = _in_a_terminal("--agents", "-n2", f"--tx={transport}", "--agents-timeout=30")

    assert (serial.returncode, "4 passed" in serial.stdout) == (0, True), serial.stdout
    assert (parallel.returncode, "5 passed" in parallel.stdout) == (0, True), parallel.stdout


def _in_a_terminal(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", *LIGHT, "-pno:cacheprovider", *arguments]
    return subprocess.run(
        [sys.executable, "-c", IN_A_TERMINAL, *command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
