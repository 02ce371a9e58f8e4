"""What a passed check costs between controller and workers: bytes, messages, and the controller's CPU time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from benchmarks.environments import REPOSITORY
from benchmarks.figures import Comparison
from benchmarks.page import Section, Table, cell
from benchmarks.rounds import Competitor, race
from benchmarks.suites import trivial
from benchmarks.suites.suite import OURS, Setting

NAME = "wire"

_COUNTS = "counts.json"
_DRIVER = REPOSITORY / "benchmarks" / "counted_run.py"
_LIMITS = {"bytes": 200.0, "messages": None, "µs": 150.0}
_MICROSECONDS = 1_000_000
_TEXT = """\
The trivial suite, run with the controller's side of every connection counted, both directions together, start and end
of the workers included. µs is CPU time of the controller while checks run, with the terminal quiet (`-q`); counting is
part of it."""


def measure(setting: Setting) -> Section:
    tests_per_file = setting.scaled(trivial.TESTS_PER_FILE)
    folder = setting.folder / NAME
    folder.mkdir()
    trivial.write(folder, tests_per_file=tests_per_file)
    python = str(setting.ours.scripts / "python")
    competitor = Competitor(
        name=OURS,
        folder=folder,
        commands=[(python, "-P", str(_DRIVER), _COUNTS, "-q", "--agents", "-n2", "--tx", "fork")],
        prints=f"{trivial.FILES * tests_per_file} passed",
        figures=_per_passed_check,
    )
    figures = race([competitor], rounds=setting.rounds)[OURS].figures
    rows = tuple((unit, cell(values)) for unit, values in figures.items())
    return Section(
        name=NAME,
        text=_TEXT,
        tables=(Table(header=("per passed check", "median"), rows=rows),),
        comparisons=tuple(
            Comparison(
                suite=NAME,
                ours=OURS,
                against="",
                what="per passed check",
                values=figures[unit],
                at_most=limit,
                unit=unit,
                decimals=1,
            )
            for unit, limit in _LIMITS.items()
        ),
    )


def _per_passed_check(folder: Path) -> Mapping[str, float]:
    counts = json.loads((folder / _COUNTS).read_text("utf-8"))
    passed = counts["passed"]
    return {
        "bytes": counts["bytes"] / passed,
        "messages": counts["messages"] / passed,
        "µs": _MICROSECONDS * counts["cpu_seconds"] / passed,
    }
