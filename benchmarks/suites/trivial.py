"""5,000 tests that do nothing, in 100 files: what running a test costs when the test costs nothing."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path

from benchmarks.byte_code import finding
from benchmarks.page import Section, series_table
from benchmarks.processes import RunFailed
from benchmarks.rounds import race
from benchmarks.suites.suite import (
    OURS,
    SERIAL,
    WORKSTEAL,
    XDIST,
    Setting,
    copies,
    cpu_ratio,
    pytest_command,
    wall_ratio,
)

NAME = "trivial"
FILES = 100
TESTS_PER_FILE = 50
FAST = "pytest-fast"
RESIDENT = "pytest-fast, resident"

_DAEMON_SECONDS = 600
_TEXT = f"""\
{FILES * TESTS_PER_FILE:,} empty tests in {FILES} files. *{FAST}* is `pytest-fast --workers 2`, from start to end;
*{RESIDENT}* is the same against its daemon, which has imported and collected everything before the clock
starts: byte code makes no difference to it. Their CPU seconds are those of the first process alone, which does not wait
for the others; the daemon's memory is not seen either."""


def measure(setting: Setting) -> Section:
    name, tests_per_file = setting.named(NAME), setting.scaled(TESTS_PER_FILE)
    socket = setting.folder / "fast.sock"
    fast = (str(setting.fast.scripts / "pytest-fast"), "--workers", "2")
    commands = {
        SERIAL: pytest_command(setting.bare),
        XDIST: pytest_command(setting.bare, "-n2"),
        WORKSTEAL: pytest_command(setting.bare, "-n2", "--dist", "worksteal"),
        FAST: fast,
        OURS: pytest_command(setting.ours, "--agents", "-n2"),
    }
    if setting.is_warm:
        commands[RESIDENT] = (*fast, "--address", str(socket))
    competitors = copies(
        setting.folder / NAME,
        partial(write, tests_per_file=tests_per_file),
        commands,
        prints=f"{FILES * tests_per_file} passed",
    )
    resident = next((each.folder for each in competitors if each.name == RESIDENT), None)
    with nullcontext() if resident is None else _daemon(fast, socket, resident):
        series = race(finding(setting.byte_code, competitors), rounds=setting.rounds, memory=setting.is_warm)
    return Section(
        name=name,
        text=_TEXT,
        tables=(series_table(series),),
        comparisons=(
            wall_ratio(name, series, OURS, XDIST, at_most=setting.at_most(warm=0.40, cold=0.40)),
            wall_ratio(name, series, OURS, WORKSTEAL),
            wall_ratio(name, series, OURS, SERIAL, at_most=setting.at_most(warm=0.70, cold=0.60)),
            wall_ratio(name, series, OURS, FAST, at_most=setting.at_most(warm=0.90)),
            *(wall_ratio(name, series, OURS, each) for each in (RESIDENT,) if each in series),
            cpu_ratio(name, series, OURS, XDIST),
            cpu_ratio(name, series, OURS, SERIAL),
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
