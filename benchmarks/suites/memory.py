"""Memory of four workers, ours beside xdist's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.figures import Comparison, ratios
from benchmarks.page import Section, Table, mebibyte_cell
from benchmarks.processes import Memory
from benchmarks.rounds import run_for_memory, run_once
from benchmarks.suites import imports, trivial
from benchmarks.suites.suite import Setting, copies, pytest_command

NAME = "memory"

_OURS = "`--agents -n4`"
_XDIST = "`-n4`"
_TEXT = """\
The most proportional set size at one time: a page that several processes share counts for each in equal parts.
*workers* are all processes but the first; with `--agents` the process that forks the workers is among them."""

Peaks = Mapping[str, Sequence[Memory]]
"""One for each round, by competitor."""


def measure(setting: Setting) -> Section:
    peaks = {
        imports.NAME: _peaks(setting, imports.NAME, imports.write, tests=imports.FILES * imports.TESTS_PER_FILE),
        trivial.NAME: _peaks(setting, trivial.NAME, trivial.write, tests=trivial.FILES * trivial.TESTS_PER_FILE),
    }
    return Section(
        name=NAME,
        text=_TEXT,
        tables=(_table(peaks),),
        comparisons=tuple(_comparison(suite, of_suite) for suite, of_suite in peaks.items()),
    )


def _peaks(setting: Setting, suite: str, write: Callable[[Path], None], *, tests: int) -> Peaks:
    commands = {_XDIST: pytest_command(setting.bare, "-n4"), _OURS: pytest_command(setting.ours, "--agents", "-n4")}
    competitors = copies(setting.folder / NAME / suite, write, commands, prints=f"{tests} passed")
    for competitor in competitors:
        run_once(competitor)  # compiles the files and shows that all tests run
    found: dict[str, list[Memory]] = {name: [] for name in commands}
    for _ in range(setting.rounds):
        for competitor in competitors:
            found[competitor.name].append(run_for_memory(competitor))
    return found


def _comparison(suite: str, peaks: Peaks) -> Comparison:
    ours, theirs = ([peak.workers for peak in peaks[name]] for name in (_OURS, _XDIST))
    return Comparison(
        suite=f"{NAME}: {suite}",
        ours=_OURS,
        against=_XDIST,
        what="workers' PSS",
        values=ratios(ours, theirs),
        at_most=0.50,
    )


def _table(peaks: Mapping[str, Peaks]) -> Table:
    rows = tuple(
        (
            suite,
            competitor,
            mebibyte_cell([peak.workers for peak in of_competitor]),
            mebibyte_cell([peak.everything for peak in of_competitor]),
        )
        for suite, of_suite in peaks.items()
        for competitor, of_competitor in of_suite.items()
    )
    return Table(header=("suite", "competitor", "workers' PSS MiB", "all processes' PSS MiB"), rows=rows)
