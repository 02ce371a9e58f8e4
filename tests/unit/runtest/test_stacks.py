from __future__ import annotations

import faulthandler
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pytest_parallel_agents.runtest.stacks import DUMP, check_frames, shorten

HANGS = """
import faulthandler, os, sys, threading, time
from pathlib import Path
from pytest_parallel_agents.runtest.stacks import DUMP, stacks_in

path, timed = map(Path, sys.argv[1:])

def hang(seconds=60):
    until = time.monotonic() + seconds
    while "in_a_check" not in timed.read_text():
        if time.monotonic() > until:
            return False
        threading.Event().wait(0.01)
    return True

def both_at_once(frames):
    if frames:
        return both_at_once(frames - 1)
    with stacks.limit(0.1):
        while not timed.stat().st_size:
            pass
        os.kill(os.getpid(), DUMP)

def in_a_check():
{steps}

with stacks_in(path, timed) as stacks:
    in_a_check()
"""


def run_steps(tmp_path: Path, steps: str) -> tuple[Path, Path]:
    """A process goes through these steps. Returns the files of its stacks: at once or at a signal, and of the timer."""
    paths = tmp_path / "gw0.stacks", tmp_path / "gw0.stacks.timed"
    indented = "".join(f"    {line}\n" for line in steps.strip().splitlines())
    subprocess.run([sys.executable, "-c", HANGS.format(steps=indented), *paths], check=True, timeout=120)
    return paths


def stacks_after(tmp_path: Path, steps: str) -> str:
    """What both files hold when a process has gone through these steps."""
    return "".join(path.read_text() for path in run_steps(tmp_path, steps))


def test_a_hanging_check_is_written_before_its_limit(tmp_path: Path) -> None:
    text = stacks_after(tmp_path, "with stacks.limit(0.1):\n    hang()")

    assert " in in_a_check" in text


def test_a_clock_that_someone_stopped_goes_on(tmp_path: Path) -> None:
    steps = """
for limit in (0.1, 10):  # the shorter one may be over before the clock is stopped
    with stacks.limit(limit):
        faulthandler.cancel_dump_traceback_later()
        stacks.watch()
        if hang(2 * limit):
            return
"""

    assert " in in_a_check" in stacks_after(tmp_path, steps)


@pytest.mark.skipif(DUMP is None, reason="no such signal")
def test_a_signal_that_comes_as_the_limit_is_near_does_not_mix_the_stacks(tmp_path: Path) -> None:
    paths = run_steps(tmp_path, "both_at_once(90)")

    for path in paths:
        lines = [line for line in path.read_text().splitlines() if "both_at_once" in line]
        assert len(lines) == 91
        assert all(re.fullmatch(r'  File "<string>", line \d+ in both_at_once', line) for line in lines)


def test_each_check_starts_with_empty_files(tmp_path: Path) -> None:
    steps = "with stacks.limit(0.1):\n    hang()\nwith stacks.limit(None):\n    pass"

    assert stacks_after(tmp_path, steps) == ""


def test_checks_go_on_where_the_file_was_directed_to_nowhere(tmp_path: Path) -> None:
    steps = "for file in stacks._files: os.dup2(os.open(os.devnull, os.O_WRONLY), file.fileno())\n"

    assert stacks_after(tmp_path, steps + "with stacks.limit(60): pass\n" * 2) == ""


def test_a_crash_is_written(tmp_path: Path) -> None:
    path = tmp_path / "gw0.stacks"
    crash = HANGS.format(steps="    faulthandler._sigsegv()")

    ended = subprocess.run([sys.executable, "-c", crash, path, tmp_path / "timed"], check=False, timeout=120)

    assert ended.returncode < 0
    assert "Segmentation fault" in path.read_text()


def test_what_led_to_the_check_is_left_out() -> None:
    text = """Timeout (0:00:00.95)!
Thread 0x01 (most recent call first):
  File "/lib/execnet/gateway_base.py", line 567 in from_io
  File "/lib/execnet/gateway_base.py", line 1160 in _thread_receiver
  File "/lib/execnet/gateway_base.py", line 341 in run

Thread 0x02 (most recent call first):
  File "/home/me/server.py", line 9 in serve

Thread 0x03 (most recent call first):
  File "/home/me/code.py", line 3 in hang
  File "/home/me/test_code.py", line 6 in test_hang
  File "/lib/_pytest/python.py", line 187 in pytest_pyfunc_call
  File "/lib/pluggy/_execution.py", line 147 in _multicall
"""

    assert shorten(text) == (
        "Thread 0x02 (most recent call first):\n"
        '  File "/home/me/server.py", line 9 in serve\n'
        "\n"
        "Thread 0x03 (most recent call first):\n"
        '  File "/home/me/code.py", line 3 in hang\n'
        '  File "/home/me/test_code.py", line 6 in test_hang\n'
        "  ..."
    )


def test_a_stack_that_was_written_twice_is_shown_once() -> None:
    stack = '  File "/home/me/test_code.py", line 6 in test_hang'
    other = '  File "/home/me/test_code.py", line 7 in test_hang'
    ours = 'Thread 0x01 (most recent call first):\n  File "/lib/workers/outbox.py", line 74 in _send_old'
    first = f"Timeout (0:00:00.95)!\n{ours}\n\nThread 0x02 (most recent call first):\n{stack}"

    assert shorten(f"{first}\n\n{ours}\n\nCurrent thread 0x02 (most recent call first):\n{stack}\n") == (
        f"Thread 0x02 (most recent call first):\n{stack}"
    )
    assert shorten(f"{first}\n\nCurrent thread 0x02 (most recent call first):\n{other}\n").count("test_hang") == 2


def test_a_hang_inside_pytest_is_shown_whole() -> None:
    text = 'Thread 0x03 (most recent call first):\n  File "/lib/_pytest/python.py", line 187 in pytest_pyfunc_call'

    assert shorten(text) == text


def test_real_stacks_name_this_test_and_not_what_called_it(tmp_path: Path) -> None:
    path = tmp_path / "stacks"
    with path.open("w") as file:
        faulthandler.dump_traceback(file, all_threads=threading.active_count() > 1)

    short = shorten(path.read_text())

    assert "in test_real_stacks_name_this_test_and_not_what_called_it\n  ..." in short
    assert "_multicall" not in short


@pytest.mark.parametrize("text", ["", "\n"])
def test_no_stacks_are_no_text(text: str) -> None:
    assert shorten(text) == ""


def test_the_frames_of_the_thread_that_ran_the_check() -> None:
    text = """worker gw0 was ended by SIGSEGV while it ran a

Fatal Python error: Segmentation fault

Thread 0x1 (most recent call first):
  File "/lib/threading.py", line 9 in run

Current thread 0x2 (most recent call first):
  File "/project/deep one.py", line 3 in fall
  File "/project/test_a.py", line 7 in test_a
  ...

Extension modules: numpy"""
    assert check_frames(text) == [("/project/test_a.py", 7), ("/project/deep one.py", 3)]
    assert check_frames("nothing was written") == []
    assert check_frames('Thread 1:\n  File "/a.py", line 3 in f') == [("/a.py", 3)]
