from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pytest_parallel_agents.wire.run_folder import made_run_folder

RUN = """
import os, sys, tempfile
from pytest_parallel_agents.wire.run_folder import made_run_folder
tempfile.tempdir = sys.argv[1]
with made_run_folder() as folder:
    folder.of("gw0").journal.write_text("something")
    if sys.argv[2:] != ["fork"] or os.fork():
        print(folder.path, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


COMMAND = """
import os, sys
from pytest_parallel_agents.tools.scratch import scratch_folder
with scratch_folder() as folder:
    (folder / "something").touch()
    print(folder, flush=True)
    sys.stdin.read()
"""


@contextmanager
def running(temporary: Path, *words: str, source: str = RUN) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A run in another process, or in two with the word "fork", and its folder. They end with their standard input."""
    command = [sys.executable, "-c", source, str(temporary), *words]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            assert process.stdout is not None
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.kill()


def test_it_is_private_and_goes_with_the_run(temporary: Path) -> None:
    with made_run_folder() as folder:
        assert folder.path.parent == temporary
        assert folder.path.stat().st_mode & 0o777 == 0o700

    assert list(temporary.iterdir()) == []


def test_the_folder_of_a_killed_run_goes_with_the_next(temporary: Path) -> None:
    with running(temporary) as (process, folder):
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert (folder / "gw0.journal").exists()

    with made_run_folder() as own:
        assert list(temporary.iterdir()) == [own.path]


def test_the_folder_of_a_living_run_stays(temporary: Path) -> None:
    with running(temporary) as (process, folder):
        with made_run_folder():
            assert (folder / "gw0.journal").exists()
        assert process.poll() is None


def test_the_folder_stays_as_long_as_a_worker_of_a_killed_run_lives(temporary: Path) -> None:
    with running(temporary, "fork") as (process, folder):
        process.send_signal(signal.SIGKILL)
        process.wait()

        with made_run_folder():
            assert (folder / "gw0.journal").exists()


def test_the_folder_of_a_killed_command_goes_with_its_run(temporary: Path) -> None:
    with made_run_folder(), running(temporary, source=COMMAND) as (process, scratch):
        with made_run_folder():
            pass
        assert (scratch / "something").exists(), "another run leaves it alone"
        process.send_signal(signal.SIGKILL)
        process.wait()

    assert list(temporary.iterdir()) == []


def test_the_folder_in_which_a_daemon_of_a_killed_command_listens_stays(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(temporary, source=COMMAND) as (process, scratch), socket.socket(socket.AF_UNIX) as daemon:
        monkeypatch.chdir(scratch)
        daemon.bind("daemon")  # a path of a socket must be short
        process.send_signal(signal.SIGKILL)
        process.wait()

    with made_run_folder():
        assert (scratch / "daemon").exists()


def test_what_only_looks_like_it_stays(temporary: Path) -> None:
    without_lock = temporary / "pytest-agents-notes"
    without_lock.mkdir(mode=0o700)
    (without_lock / "notes.txt").write_text("mine")
    bait = temporary / "bait"
    bait.mkdir(mode=0o700)
    (bait / "lock").touch()
    (temporary / "pytest-agents-link").symlink_to(bait)
    shared = temporary / "pytest-agents-shared"
    shared.mkdir()
    shared.chmod(0o777)
    (shared / "lock").touch()
    before = sorted(temporary.rglob("*"))

    with made_run_folder():
        pass

    assert sorted(temporary.rglob("*")) == before


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_the_folder_of_another_user_stays(temporary: Path) -> None:
    other = temporary / "pytest-agents-other"
    other.mkdir(mode=0o700)
    (other / "lock").touch()
    os.chown(other, 12345, -1)

    with made_run_folder():
        assert (other / "lock").exists()
