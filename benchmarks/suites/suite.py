"""What every suite is given and what it returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.environments import Environment
from benchmarks.figures import Comparison, ratios
from benchmarks.page import Section
from benchmarks.rounds import Competitor, Series

OURS = "`--agents -n2`"
SERIAL = "serial"
XDIST = "`-n2`"
WORKSTEAL = "`-n2 --dist worksteal`"

_QUICK_DIVISOR = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where and how thoroughly to measure.

    `bare` has everything but this project, which `ours` has too; `fast` has pytest-fast. `folder` is empty.
    """

    bare: Environment
    ours: Environment
    fast: Environment
    cache: Path
    folder: Path
    rounds: int
    quick: bool

    def scaled(self, size: int) -> int:
        """A size, or a small part of it when it has to be quick."""
        return max(1, size // _QUICK_DIVISOR) if self.quick else size


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
