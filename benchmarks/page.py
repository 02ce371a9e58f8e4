"""Results as a Markdown page. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.figures import Comparison, spread
from benchmarks.rounds import Series

_MIB = 1024 * 1024
_HOW_TO_READ = """\
Competitors run by turns, after a round that is not counted. A ratio compares two runs of the same round. A cell has
the median of the rounds and, in brackets, the least and the most. CPU seconds are those of all processes, as far as
each of them waited for its children.

Cold: the project's byte code is removed before every run of every competitor. Without byte code: none may be written
either (`PYTHONDONTWRITEBYTECODE`). Installed packages keep theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Cells by row."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What one suite found: what was run, the figures, and the claims that they support or do not."""

    name: str
    text: str
    tables: tuple[Table, ...]
    comparisons: tuple[Comparison, ...]


def page(sections: Sequence[Section], *, facts: Mapping[str, str], command: str) -> str:
    """The whole page. `facts` tell of the machine and the versions, `command` is what was called."""
    comparisons = [comparison for section in sections for comparison in section.comparisons]
    parts = [
        "# Benchmarks",
        f"Written by `{command}`; do not edit.",
        _HOW_TO_READ,
        markdown(Table(header=("", ""), rows=tuple(facts.items()))),
        "## Targets",
        markdown(_targets(comparison for comparison in comparisons if comparison.at_most is not None)),
    ]
    others = [comparison for comparison in comparisons if comparison.at_most is None]
    if others:
        parts += ["Without a target:", markdown(_without_targets(others))]
    for section in sections:
        parts += [f"## {section.name}", section.text, *map(markdown, section.tables)]
    return "\n\n".join(parts) + "\n"


def series_table(series: Mapping[str, Series]) -> Table:
    """Seconds and, where they were measured, MiB by competitor."""
    header = ["competitor", "wall s", "CPU s"]
    figures = sorted({figure for each in series.values() for figure in each.figures})
    header += figures
    with_memory = any(each.memory for each in series.values())
    if with_memory:
        header += ["workers' PSS MiB", "all processes' PSS MiB"]
    rows = []
    for name, each in series.items():
        row = [name, cell(each.wall), cell(each.cpu)]
        row += [cell(each.figures[figure]) if figure in each.figures else "" for figure in figures]
        if with_memory:
            sizes = [] if each.memory is None else [each.memory.workers, each.memory.everything]
            row += [mebibyte_cell([size]) for size in sizes]
        rows.append(tuple(row))
    return Table(header=tuple(header), rows=tuple(rows))


def cell(values: Sequence[float], decimals: int = 2, unit: str = "") -> str:
    """Median and spread."""
    found = spread(values)
    middle = f"{found.median:.{decimals}f}{unit and ' '}{unit}"
    return middle if len(values) == 1 else f"{middle} ({found.least:.{decimals}f} to {found.most:.{decimals}f})"


def mebibyte_cell(sizes: Sequence[int]) -> str:
    """Median and spread of sizes in bytes, in MiB."""
    return cell([size / _MIB for size in sizes], decimals=0)


def verdict(comparison: Comparison) -> str:
    """`met`, or by how much it is not."""
    if comparison.at_most is None:
        return ""
    if comparison.met:
        return "met"
    over = spread(comparison.values).median - comparison.at_most
    return f"**missed by {over:.{comparison.decimals}f}{comparison.unit and ' '}{comparison.unit}**"


def markdown(table: Table) -> str:
    """GitHub's pipe table."""
    rows = [table.header, tuple("---" for _ in table.header), *table.rows]
    return "\n".join(f"| {' | '.join(map(_escaped, row))} |" for row in rows)


def _targets(comparisons: Iterable[Comparison]) -> Table:
    rows = tuple((*_claim(each), f"{each.at_most:.{each.decimals}f}", verdict(each)) for each in comparisons)
    return Table(header=(*_CLAIM, "at most", "verdict"), rows=rows)


def _without_targets(comparisons: Iterable[Comparison]) -> Table:
    return Table(header=_CLAIM, rows=tuple(map(_claim, comparisons)))


_CLAIM = ("suite", "ours", "against", "what", "value")


def _claim(comparison: Comparison) -> tuple[str, ...]:
    value = cell(comparison.values, comparison.decimals, comparison.unit)
    return comparison.suite, comparison.ours, comparison.against, comparison.what, value


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
