"""What every suite is given and what it returns."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.byte_code import ByteCode
from benchmarks.environments import Environment
from benchmarks.figures import Comparison, ratios
from benchmarks.page import Section
from benchmarks.rounds import Competitor, Series

OURS = "`--agents -n2`"
SERIAL = "serial"
XDIST = "`-n2`"
WORKSTEAL = "`-n2 --dist worksteal`"

REPORT = "report.json"
"""Where `reported_times` looks for the report, in the folder of a run."""
MAKESPAN = "makespan"
BOUND = "lower bound"

_QUICK_DIVISOR = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where and how thoroughly to measure.

    `bare` has everything but this project, which `ours` has too; `fast` has pytest-fast. `folder` is empty.
    `byte_code` is what runs find of the project's.
    """

    bare: Environment
    ours: Environment
    fast: Environment
    cache: Path
    folder: Path
    rounds: int
    quick: bool
    byte_code: ByteCode = ByteCode.WARM

    def scaled(self, size: int) -> int:
        """A size, or a small part of it when it has to be quick."""
        return max(1, size // _QUICK_DIVISOR) if self.quick else size

    @property
    def is_warm(self) -> bool:
        return self.byte_code is ByteCode.WARM

    def named(self, suite: str) -> str:
        """The name of a suite whose runs find this byte code."""
        return f"{suite}{self.byte_code.phrase}"

    def at_most(self, *, warm: float | None = None, cold: float | None = None) -> float | None:
        """The target for this byte code; None if there is none."""
        return {ByteCode.WARM: warm, ByteCode.COLD: cold}.get(self.byte_code)


Suite = Callable[[Setting], Section]


def pytest_command(environment: Environment, *arguments: str) -> tuple[str, ...]:
    return (str(environment.scripts / "pytest"), "-q", *arguments)


def copies(
    folder: Path, write: Callable[[Path], None], names: dict[str, tuple[str, ...]], prints: str
) -> list[Competitor]:
    """A competitor for each named command, each with a copy of the files of its own, so that they share no cache."""
    competitors = []
    for number, (name, command) in enumerate(names.items()):
        own = folder / f"copy{number}"
        own.mkdir(parents=True)
        write(own)
        competitors.append(Competitor(name=name, folder=own, commands=[command], prints=prints))
    return competitors


def wall_ratio(
    suite: str, series: dict[str, Series], ours: str, against: str, *, at_most: float | None = None
) -> Comparison:
    """Of two competitors in the same race."""
    values = ratios(series[ours].wall, series[against].wall)
    return Comparison(suite=suite, ours=ours, against=against, what="wall", values=values, at_most=at_most)


def cpu_ratio(suite: str, series: dict[str, Series], ours: str, against: str) -> Comparison:
    """Of the CPU seconds of two competitors in the same race."""
    values = ratios(series[ours].cpu, series[against].cpu)
    return Comparison(suite=suite, ours=ours, against=against, what="CPU", values=values)


def reported_times(folder: Path) -> Mapping[str, float]:
    """The makespan of a run and its lower bound, in seconds, from its JSON report."""
    timing = json.loads((folder / REPORT).read_text("utf-8"))["timing"]
    return {MAKESPAN: timing["makespan"], BOUND: timing["lower_bound"]}


def makespan_ratio(suite: str, series: Series, ours: str, *, at_most: float) -> Comparison:
    """Of a competitor's makespan and its lower bound."""
    return Comparison(
        suite=suite,
        ours=ours,
        against=BOUND,
        what=MAKESPAN,
        values=ratios(series.figures[MAKESPAN], series.figures[BOUND]),
        at_most=at_most,
        decimals=3,
    )
