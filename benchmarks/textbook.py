"""Measure the textbook case: three checks of 1.0, 1.5 and 0.8 seconds on three workers.

    python -m benchmarks.textbook

Run one after another they take 2.2 times as long as the longest of them, which is the speedup to reach. The checks
sleep, so the figures do not depend on the number of CPUs. Exit code 0: the medians are in range on every transport.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.environments import DEFAULT_CACHE, Environment, environment_with_this_project

SECONDS = (1.0, 1.5, 0.8)
EXPECTED_SPEEDUP = 2.2
SPEEDUP_TOLERANCE = 0.1
MOST_START_SKEW = {"fork": 0.05, "popen": 0.25}
"""Seconds by transport. Fresh interpreters come up by turns where there are fewer CPUs than workers."""

_SUITE = """\
import time

import pytest


@pytest.mark.agent("test")
@pytest.mark.parametrize("seconds", {seconds})
def test_sleeps(seconds):
    time.sleep(seconds)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What one run reports. `start_skew` is in seconds."""

    speedup: float
    start_skew: float


def main(argv: Sequence[str] | None = None) -> int:
    """Measure every transport and print the medians. Returns the exit code."""
    options = _parser().parse_args(argv)
    environment = environment_with_this_project(options.cache)
    good = True
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "test_textbook.py").write_text(_SUITE.format(seconds=list(SECONDS)))
        for transport, most_skew in MOST_START_SKEW.items():
            timings = [_measure(environment, transport, Path(folder)) for _ in range(options.rounds)]
            print(f"{transport}: {describe(timings, most_skew)}", flush=True)
            good &= in_range(timings, most_skew)
    return 0 if good else 1


def in_range(timings: Sequence[Timing], most_skew: float) -> bool:
    """Whether the medians are what the textbook says."""
    speedup = median(timing.speedup for timing in timings)
    skew = median(timing.start_skew for timing in timings)
    return abs(speedup - EXPECTED_SPEEDUP) <= SPEEDUP_TOLERANCE and skew < most_skew


def describe(timings: Sequence[Timing], most_skew: float) -> str:
    """Medians with least and most beside what is expected."""
    speedups = [timing.speedup for timing in timings]
    skews = [1000 * timing.start_skew for timing in timings]
    return (
        f"speedup {median(speedups):.2f} ({min(speedups):.2f} to {max(speedups):.2f};"
        f" expected {EXPECTED_SPEEDUP} ± {SPEEDUP_TOLERANCE}),"
        f" start skew {median(skews):.0f} ms ({min(skews):.0f} to {max(skews):.0f};"
        f" expected below {1000 * most_skew:.0f})"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="runs of each transport (default %(default)s)")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="where the environment is kept")
    return parser


def _measure(environment: Environment, transport: str, folder: Path) -> Timing:
    report = folder / "report.json"
    command = [str(environment.scripts / "pytest"), "-q", "--agents", "-n", str(len(SECONDS)), "--tx", transport]
    subprocess.run([*command, "--agents-report", str(report)], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    timing = json.loads(report.read_text("utf-8"))["timing"]
    return Timing(speedup=timing["speedup"], start_skew=timing["start_skew"])


if __name__ == "__main__":
    sys.exit(main())
