"""Earlier runs as plain tables: of all, and of one check in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.printable import escape
from pytest_parallel_agents.several_runs.history import PastFacts, PastRun, past_run_entry, trend_of

_COMMIT: Final = 10
"""Digits of a commit that are shown."""
_UNKNOWN: Final = "-"


def describe_runs(runs: Sequence[PastRun]) -> list[str]:
    """One line a run, oldest first: when, of which commit, how many checks ended how, how long."""
    counts = [past_run_entry(run).outcomes for run in runs]
    columns = [outcome for outcome in Outcome if any(outcome in each for each in counts)]
    head = ["started", "commit", *(outcome.replace("_", " ") for outcome in columns), "seconds", "exit"]
    rows = []
    for run, each in zip(runs, counts, strict=True):
        numbers = [str(each.get(outcome, 0)) for outcome in columns]
        rows.append([*_facts(run.run), *numbers, _seconds(run.run.seconds), str(run.run.exit_code)])
    return _table([head, *rows])


def describe_check(nodeid: str, runs: Sequence[PastRun]) -> list[str]:
    """One line a run with this check, oldest first, and what they show together."""
    trend = trend_of(nodeid, runs)
    rows = [
        [*_facts(run.run), outcome.replace("_", " "), _seconds(seconds)]
        for run, outcome, seconds in zip(runs, trend.outcomes, trend.seconds, strict=True)
        if outcome is not None and seconds is not None
    ]
    lines = [escape(nodeid), *_table([["started", "commit", "outcome", "seconds"], *rows], words=3)]
    if trend.failing_since is not None:
        lines.append(f"fails since {_named(runs[trend.failing_since])}")
    if trend.passed_before is not None:
        lines.append(f"passed last in {_named(runs[trend.passed_before])}")
    if trend.flaky:
        lines.append(f"flaky: {trend.flaky}")
    if trend.growth is not None:
        lines.append(f"takes {_seconds(trend.growth.now)} s, and took {_seconds(trend.growth.before)} s")
    return lines


def _named(run: PastRun) -> str:
    started, commit = _facts(run.run)
    return f"the run of {started}" + (f" on {commit}" if commit != _UNKNOWN else "")


def _facts(run: PastFacts) -> list[str]:
    """When it started and which commit it judged, with + where that is not all."""
    started = run.started.partition(".")[0].replace("T", " ").removesuffix("Z")
    commit = _UNKNOWN if run.commit is None else run.commit[:_COMMIT] + ("+" if run.uncommitted else "")
    return [escape(started), escape(commit)]


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"


def _table(rows: Sequence[Sequence[str]], *, words: int = 2) -> list[str]:
    """Columns as wide as they have to be: `words` of them, then numbers, which end at the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(_cells(row, widths, words)).rstrip() for row in rows]


def _cells(row: Sequence[str], widths: Sequence[int], words: int) -> Iterator[str]:
    for column, (text, width) in enumerate(zip(row, widths, strict=True)):
        yield text.ljust(width) if column < words else text.rjust(width)
