"""Competitors, run by turns: A B C, A B C, so that what disturbs the machine disturbs all of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.processes import Memory, RunFailed, log_tail, measure, measure_memory


def _nothing(_folder: Path) -> None:
    pass


def _no_figures(_folder: Path) -> Mapping[str, float]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Competitor:
    """Commands that are run one after another in a folder.

    `prepare` is called before each run and `figures` after it, both with the folder; what `figures` finds is kept
    beside the times. `variables` are added to the environment. A run is only counted when each command ends with one
    of `exit_codes` and what the last one prints matches `prints`, so that nobody wins by doing less.
    """

    name: str
    folder: Path
    commands: Sequence[Sequence[str]]
    prepare: Callable[[Path], None] = _nothing
    variables: Mapping[str, str] = field(default_factory=dict)
    figures: Callable[[Path], Mapping[str, float]] = _no_figures
    exit_codes: frozenset[int] = frozenset({0})
    prints: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What a competitor needed in each counted round, in seconds; its memory from a round of its own."""

    wall: tuple[float, ...]
    cpu: tuple[float, ...]
    figures: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    memory: Memory | None = None


def race(competitors: Sequence[Competitor], *, rounds: int, memory: bool = False) -> dict[str, Series]:
    """Series by competitor: a round to warm up, the counted ones, and one to measure memory if asked for.

    Raises RunFailed when a run cannot be counted.
    """
    walls, cpus = defaultdict[str, list[float]](list), defaultdict[str, list[float]](list)
    figures = defaultdict[str, dict[str, list[float]]](lambda: defaultdict(list))
    for counted in [False] + [True] * rounds:
        for competitor in competitors:
            wall, cpu = run_once(competitor)
            if counted:
                walls[competitor.name].append(wall)
                cpus[competitor.name].append(cpu)
                for name, value in competitor.figures(competitor.folder).items():
                    figures[competitor.name][name].append(value)
    memories = {competitor.name: run_for_memory(competitor) for competitor in competitors} if memory else {}
    return {
        name: Series(
            wall=tuple(walls[name]),
            cpu=tuple(cpus[name]),
            figures={figure: tuple(values) for figure, values in figures[name].items()},
            memory=memories.get(name),
        )
        for name in walls
    }


def run_once(competitor: Competitor) -> tuple[float, float]:
    """Wall clock and CPU seconds of all commands. Raises RunFailed when the run does not count."""
    competitor.prepare(competitor.folder)
    wall = cpu = 0.0
    log = _log(competitor)
    for command in competitor.commands:
        usage = measure(command, cwd=competitor.folder, log=log, variables=competitor.variables)
        if usage.exit_code not in competitor.exit_codes:
            raise RunFailed(f"{competitor.name}: exit code {usage.exit_code}; its output ended:\n{log_tail(log)}")
        wall += usage.wall
        cpu += usage.cpu
    if not re.search(competitor.prints, log.read_text("utf-8", "replace")):
        raise RunFailed(f"{competitor.name} did not print {competitor.prints!r}; its output ended:\n{log_tail(log)}")
    return wall, cpu


def run_for_memory(competitor: Competitor) -> Memory:
    """The most that any of its commands used. Raises RunFailed when one hangs."""
    competitor.prepare(competitor.folder)
    peaks = [
        measure_memory(command, cwd=competitor.folder, log=_log(competitor), variables=competitor.variables)
        for command in competitor.commands
    ]
    return Memory(everything=max(peak.everything for peak in peaks), workers=max(peak.workers for peak in peaks))


def _log(competitor: Competitor) -> Path:
    return competitor.folder / "benchmark.log"
