"""5,000 tests that do nothing, in 100 files: what running a test costs when the test costs nothing."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.page import Section, series_table
from benchmarks.processes import RunFailed
from benchmarks.rounds import race
from benchmarks.suites.suite import OURS, SERIAL, WORKSTEAL, XDIST, Setting, copies, pytest_command, wall_ratio

NAME = "trivial"
FILES = 100
TESTS_PER_FILE = 50
FAST = "pytest-fast"
RESIDENT = "pytest-fast, resident"

_DAEMON_SECONDS = 600
_TEXT = f"""\
{FILES * TESTS_PER_FILE:,} empty tests in {FILES} files. *{FAST}* is `pytest-fast --workers 2`, from start to end;
*{RESIDENT}* is the same against its daemon, which has imported and collected everything before the clock
starts. Their CPU seconds are those of the first process alone, which does not wait for the others; the daemon's memory
is not seen either."""


def measure(setting: Setting) -> Section:
    tests_per_file = setting.scaled(TESTS_PER_FILE)
    socket = setting.folder / "fast.sock"
    fast = (str(setting.fast.scripts / "pytest-fast"), "--workers", "2")
    commands = {
        SERIAL: pytest_command(setting.bare),
        XDIST: pytest_command(setting.bare, "-n2"),
        WORKSTEAL: pytest_command(setting.bare, "-n2", "--dist", "worksteal"),
        FAST: fast,
        RESIDENT: (*fast, "--address", str(socket)),
        OURS: pytest_command(setting.ours, "--agents", "-n2"),
    }
    competitors = copies(
        setting.folder / NAME,
        partial(write, tests_per_file=tests_per_file),
        commands,
        prints=f"{FILES * tests_per_file} passed",
    )
    resident = next(competitor for competitor in competitors if competitor.name == RESIDENT)
    with _daemon(fast, socket, resident.folder):
        series = race(competitors, rounds=setting.rounds, memory=True)
    return Section(
        name=NAME,
        text=_TEXT,
        tables=(series_table(series),),
        comparisons=(
            wall_ratio(NAME, series, OURS, XDIST, at_most=0.40),
            wall_ratio(NAME, series, OURS, WORKSTEAL),
            wall_ratio(NAME, series, OURS, SERIAL, at_most=0.70),
            wall_ratio(NAME, series, OURS, FAST, at_most=0.90),
            wall_ratio(NAME, series, OURS, RESIDENT),
        ),
    )


def write(folder: Path, *, files: int = FILES, tests_per_file: int = TESTS_PER_FILE) -> None:
    """Put the files into a folder."""
    (folder / "pytest.ini").write_text("[pytest]\ntestpaths = tests\n")
    (folder / "tests").mkdir()
    for file in range(files):
        tests = "\n\n\n".join(f"def test_{number}():\n    pass" for number in range(tests_per_file))
        (folder / "tests" / f"test_file_{file:02}.py").write_text(tests + "\n")


@contextmanager
def _daemon(fast: tuple[str, ...], socket: Path, folder: Path) -> Iterator[None]:
    command = (*fast, "--serve", "--address", str(socket), "--ttl", str(_DAEMON_SECONDS))
    with (
        (folder / "daemon.log").open("w") as log,
        subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as daemon,
    ):
        try:
            yield
            if daemon.poll() is not None:
                raise RunFailed("the daemon of pytest-fast did not live until the end")
        finally:
            daemon.terminate()
