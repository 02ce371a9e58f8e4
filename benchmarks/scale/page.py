"""What was found, as a Markdown page. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from benchmarks.page import Table, markdown
from benchmarks.scale.simulated import Case, Figures

Found = tuple[Case, Figures]

MICROSECONDS: Final = 1_000_000
_MILLISECONDS: Final = 1_000

_HOW: Final = """\
The real scheduler in virtual time, with workers that act as the real ones do: events come in batches, messages take
time, workers are lost (1% of them an hour) and what they ran runs again, in one that takes a second to start. Hosts
have ten CPUs each. One check in twenty is marked and reads or writes a resource, the others are plain tests in files of
50. A check takes log-normally distributed seconds; estimates are off by a third, and one in twenty is missing. The same
seed gives the same run.

Not simulated: messages on the wire, pytest's hooks for each report, results and the report. What a real controller
needs for all of it, the scheduler included, is measured apart, with empty tests: **{measured:.0f} µs of CPU a check**.
In virtual time the controller takes {service:.0f} µs for each: more than that, since checks that are not very short go
to workers one at a time, which costs the scheduler more."""

_SATURATION: Final = """\
One controller takes in {limit:,.0f} checks a second, and workers that finish more wait for it. Shards
(`--agents-shard I/N`) are controllers that know nothing of each other: each has its part of the checks and of the
workers, and the reports are merged. {workers:,} workers, {checks:,} checks, messages of {latency:.0f} ms. A cell has
the checks a second, and the makespan over the bound of all workers together. Shards are equal by their estimates, and
checks that share what one of them writes stay in one shard: with few workers for each, one that is wrong by a little
ends late."""

_COLUMNS: Final = """\
| column | what it is |
|---|---|
| makespan / bound | 1.00 is the best that any schedule could reach without a network |
| scheduler | CPU of the real scheduler for each check, in µs, all events and the preparation of the run included |
| messages | events and commands for each check |
| memory | peak of the process for each check, in bytes: plan, scheduler, and what the simulation itself remembers |"""


def page(
    scale: Iterable[Found], saturation: Iterable[Found], *, facts: Mapping[str, str], measured: float, missing: int = 0
) -> str:
    """The whole page. `measured` are the CPU seconds of a real controller for a check, `missing` counts cases."""
    scale, saturation = list(scale), list(saturation)
    case = saturation[0][0]
    parts = [
        "# Thousands of workers",
        "Written by `python -m benchmarks.scale`; do not edit.",
        _HOW.format(measured=measured * MICROSECONDS, service=case.service * MICROSECONDS),
        markdown(Table(header=("", ""), rows=tuple(facts.items()))),
        "## Workers, checks, latency",
        _COLUMNS,
        *([f"Not simulated this time: {missing} of the cases."] if missing else []),
        markdown(_scale_table(scale)),
        "## Where one controller is not enough",
        _SATURATION.format(
            limit=1 / case.service,
            workers=case.workers,
            checks=case.checks,
            latency=case.latency * _MILLISECONDS,
        ),
        markdown(_saturation_table(saturation)),
    ]
    return "\n\n".join(parts) + "\n"


def _scale_table(found: Iterable[Found]) -> Table:
    header = ("workers", "checks", "latency", "makespan", "makespan / bound", "scheduler", "messages", "memory", "lost")
    rows = (
        (
            f"{case.workers:,}",
            f"{case.checks:,}",
            f"{case.latency * _MILLISECONDS:.0f} ms",
            f"{figures.makespan:,.0f} s",
            f"{figures.makespan / figures.bound:.2f}",
            f"{figures.scheduling * MICROSECONDS:.0f}",
            f"{figures.messages:.1f}",
            f"{figures.memory:,.0f}",
            f"{figures.lost}",
        )
        for case, figures in found
    )
    return Table(header=header, rows=tuple(rows))


def _saturation_table(found: Iterable[Found]) -> Table:
    rows: dict[float, list[Found]] = {}
    for each in found:
        rows.setdefault(each[0].median, []).append(each)
    controllers = [case.controllers for case, _ in next(iter(rows.values()))]
    header = ("mean check", "wanted", *(f"{count} controller{'s' * (count > 1)}" for count in controllers))
    return Table(header=header, rows=tuple(_saturation_row(each) for each in rows.values()))


def _saturation_row(found: Iterable[Found]) -> tuple[str, ...]:
    found = list(found)
    case, figures = found[0]
    mean = figures.work / case.checks
    wanted = case.checks / figures.bound
    cells = (f"{each.checks / result.makespan:,.0f}/s, {result.makespan / result.bound:.2f}" for each, result in found)
    return f"{mean * _MILLISECONDS:.1f} ms", f"{wanted:,.0f}/s", *cells
