"""60 sleeps of very different lengths, the longest last: how well work is distributed. Needs hardly any CPU."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from benchmarks.page import Section, series_table
from benchmarks.rounds import Competitor, race
from benchmarks.suites.suite import REPORT, Setting, makespan_ratio, pytest_command, reported_times, wall_ratio

NAME = "skewed"
TESTS = 60
TOTAL_SECONDS = 11.3
QUICK_SECONDS = 3.0

_SEED = 4
_SIGMA = 1.0
_WORKERS = 4
_FIRST = "`--agents -n4`, first run"
_SECOND = "`--agents -n4`, second run"
_LOAD = "`-n4`"
_WORKSTEAL = "`-n4 --dist worksteal`"
_TEXT = f"""\
{TESTS} tests in one file that sleep {TOTAL_SECONDS} s together, log-normally distributed, the longest last. The first
run knows nothing of the tests; the second has seen the first. `makespan` and `lower bound` are seconds from the JSON
report."""


def measure(setting: Setting) -> Section:
    seconds = sleeps(total=QUICK_SECONDS if setting.quick else TOTAL_SECONDS)
    ours, others = setting.folder / NAME / "ours", setting.folder / NAME / "others"
    for folder in (ours, others):
        folder.mkdir(parents=True)
        _write(folder, seconds)
    agents = pytest_command(setting.ours, "--agents", f"-n{_WORKERS}", "--agents-report", REPORT)
    xdist = pytest_command(setting.bare, f"-n{_WORKERS}")
    passed = f"{TESTS} passed"
    competitors = [
        Competitor(name=_FIRST, folder=ours, commands=[agents], prints=passed, prepare=_forget, figures=reported_times),
        Competitor(name=_SECOND, folder=ours, commands=[agents], prints=passed, figures=reported_times),
        Competitor(name=_LOAD, folder=others, commands=[xdist], prints=passed),
        Competitor(name=_WORKSTEAL, folder=others, commands=[(*xdist, "--dist", "worksteal")], prints=passed),
    ]
    series = race(competitors, rounds=setting.rounds)
    return Section(
        name=NAME,
        text=_TEXT,
        tables=(series_table(series),),
        comparisons=(
            makespan_ratio(NAME, series[_SECOND], _SECOND, at_most=1.05),
            wall_ratio(NAME, series, _FIRST, _WORKSTEAL, at_most=0.85),
            wall_ratio(NAME, series, _FIRST, _LOAD),
            wall_ratio(NAME, series, _SECOND, _WORKSTEAL),
        ),
    )


def sleeps(*, total: float) -> list[float]:
    """Seconds of each test; always the same."""
    chance = random.Random(_SEED)  # noqa: S311 - not for secrets
    drawn = [chance.lognormvariate(0, _SIGMA) for _ in range(TESTS)]
    longest = max(drawn)
    drawn.remove(longest)
    scale = total / (sum(drawn) + longest)
    return [round(scale * seconds, 4) for seconds in (*drawn, longest)]


def _write(folder: Path, seconds: list[float]) -> None:
    (folder / "pytest.ini").write_text("[pytest]\n")
    lines = ["import time", ""]
    for number, each in enumerate(seconds):
        lines += ["", f"def test_{number:02}():", f"    time.sleep({each})", ""]
    (folder / "test_skewed.py").write_text("\n".join(lines))


def _forget(folder: Path) -> None:
    shutil.rmtree(folder / ".pytest_cache", ignore_errors=True)
