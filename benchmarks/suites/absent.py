"""What it costs to have the plugin installed and not to use it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.figures import Comparison, ratios
from benchmarks.page import Section, series_table
from benchmarks.rounds import Series, race
from benchmarks.suites import trivial
from benchmarks.suites.suite import Setting, copies, pytest_command

NAME = "absent"

_ROUNDS_TIMES = {"one test": 24, "trivial": 3}
_INSTALLED = "installed, without `--agents`"
_MISSING = "not installed"
_TEXT = """\
Plain `pytest` in two environments that differ by this project alone, on a single empty test and on the trivial suite.
The difference is small beside the noise, so there are more rounds than elsewhere."""


def measure(setting: Setting) -> Section:
    tests_per_file = setting.scaled(trivial.TESTS_PER_FILE)
    one = _race(setting, "one test", partial(trivial.write, files=1, tests_per_file=1), tests=1)
    many = _race(
        setting,
        "trivial",
        partial(trivial.write, tests_per_file=tests_per_file),
        tests=trivial.FILES * tests_per_file,
    )
    return Section(
        name=NAME,
        text=_TEXT,
        tables=(series_table(one), series_table(many)),
        comparisons=(_comparison("one test", one), _comparison("trivial", many)),
    )


def _race(setting: Setting, name: str, write: Callable[[Path], None], *, tests: int) -> dict[str, Series]:
    commands = {_MISSING: pytest_command(setting.bare), _INSTALLED: pytest_command(setting.ours)}
    competitors = copies(setting.folder / NAME / name, write, commands, prints=f"{tests} passed")
    return race(competitors, rounds=setting.rounds * _ROUNDS_TIMES[name])


def _comparison(name: str, series: dict[str, Series]) -> Comparison:
    return Comparison(
        suite=f"{NAME}: {name}",
        ours=_INSTALLED,
        against=_MISSING,
        what="wall",
        values=ratios(series[_INSTALLED].wall, series[_MISSING].wall),
        at_most=1.01,
        decimals=3,
    )
