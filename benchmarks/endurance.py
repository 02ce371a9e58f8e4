"""Run the same suite again and again in one process, with a crash each time, and look for what is left behind.

    python -m benchmarks.endurance --runs 1000

Counted after each run: processes, threads, open files, files in the temporary and the suite's folder, and memory. A
count that is higher after the last run than after the first few has grown; memory may vary by `MEMORY_TOLERANCE`, which
is what the interpreter's own caches do. Exit code 0: nothing has grown on any transport.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import psutil
import pytest

WARM_UP: Final = 3
"""Runs after which caches are filled, at the least; a tenth of all."""

MEMORY_TOLERANCE: Final = 8 * 1024 * 1024
"""Bytes of the process's own memory by which all runs together may make it grow."""

REPORTS: Final = frozenset({"report.json", "last-report.json"})
"""Files whose length depends on how long checks took."""

SUITE: Final = """\
import os
import pytest

@pytest.fixture(scope="module")
def wide():
    yield os.getpid()

@pytest.mark.parametrize("number", range(19))
def test_it(wide, number, tmp_path):
    tmp_path.joinpath("file").write_text(str(number))

def test_crash():
    os._exit(3)
"""
PLUGINS: Final = ("-p", "xdist", "-p", "pytest_parallel_agents.plugin")
"""No others: pytest-rerunfailures, for one, leaves a thread and a socket behind in each run."""

EXPECTED: Final = {"passed": 19, "crashed": 1}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure every transport and print what has grown. Returns the exit code."""
    options = _parser().parse_args(argv)
    good = True
    for transport in options.transport or ["fork", "popen"]:
        counts = measure(transport, options.runs)
        grown = growth(counts)
        good &= not grown
        verdict = f"GROWN: {grown}" if grown else "no growth"
        print(f"{transport}: {options.runs} runs; {describe(counts)}: {verdict}", flush=True)
    return 0 if good else 1


def measure(transport: str, runs: int) -> list[dict[str, int]]:
    """Counts after each run, all made in one process of their own."""
    with tempfile.TemporaryDirectory() as folder:
        suite, temporary = Path(folder, "suite"), Path(folder, "temporary")
        suite.mkdir()
        temporary.mkdir()
        (suite / "test_suite.py").write_text(SUITE)
        (suite / "pytest.ini").write_text("[pytest]\n")
        command = [sys.executable, "-m", "benchmarks.endurance", "--inside", transport, str(runs), str(suite)]
        found = subprocess.run(
            command, env={**os.environ, "TMPDIR": str(temporary)}, stdout=subprocess.PIPE, check=True, text=True
        )
    counts: list[dict[str, int]] = json.loads(found.stdout)
    return counts


def growth(counts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """By how much each count is higher at the end than it ever was while the process warmed up."""
    early, last = counts[: _warm_up(counts)], counts[-1]
    grown = {name: last[name] - max(count[name] for count in early) for name in last}
    return {name: more for name, more in grown.items() if more > (MEMORY_TOLERANCE if name == "memory" else 0)}


def describe(counts: Sequence[Mapping[str, int]]) -> str:
    """First and last counts, for people."""
    first, last = counts[_warm_up(counts) - 1], counts[-1]
    return ", ".join(f"{name} {first[name]:,} -> {last[name]:,}" for name in last)


def _warm_up(counts: Sequence[object]) -> int:
    return max(WARM_UP, len(counts) // 10)


def inside(transport: str, runs: int, suite: Path) -> list[dict[str, int]]:
    """Make the runs in this process."""
    report = suite / "report.json"
    own = ["--agents", "-n2", f"--tx={transport}", f"--agents-report={report}", "-q"]
    arguments = ["--disable-plugin-autoload", *PLUGINS, *own, str(suite)]
    counts = []
    for number in range(runs):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            pytest.main(arguments)
        outcomes = [check["outcome"] for check in json.loads(report.read_text("utf-8"))["checks"]]
        found = {outcome: outcomes.count(outcome) for outcome in sorted(set(outcomes))}
        if found != EXPECTED:
            raise SystemExit(f"run {number}: {found} instead of {EXPECTED}\n{said.getvalue()}")
        counts.append(_count(suite))
    return counts


def _count(suite: Path) -> dict[str, int]:
    gc.collect()
    process = psutil.Process()
    temporary = Path(tempfile.gettempdir())
    return {
        "processes": len(process.children(recursive=True)),
        "threads": process.num_threads(),
        "open files": getattr(process, "num_fds" if os.name == "posix" else "num_handles")(),
        "temporary files": len(list(temporary.glob("pytest-agents-*"))),
        "pytest's folders": len(list(temporary.glob("pytest-of-*/pytest-[0-9]*"))),
        "files of the suite": sum(1 for path in suite.rglob("*") if path.is_file()),
        "bytes of the suite": sum(path.stat().st_size for path in suite.rglob("*") if path.name not in REPORTS),
        "memory": process.memory_info().rss,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.endurance", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--transport", action="append", choices=["fork", "popen"])
    return parser


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        _, _, transport_name, number_of_runs, suite_folder = sys.argv
        print(json.dumps(inside(transport_name, int(number_of_runs), Path(suite_folder))), file=sys.__stdout__)
    else:
        sys.exit(main())
