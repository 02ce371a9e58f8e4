"""The part of the JSON report that shows how checks did in earlier runs."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.reports.entry import Entry


class PastRunEntry(Entry, frozen=True, kw_only=True):
    """One run. The fields are those of `run`."""

    started: str
    seconds: float
    exit_code: int
    commit: str | None
    uncommitted: str
    outcomes: Annotated[dict[Outcome, int], Meta(description="How many checks ended so; none that no check had.")]


class GrowthEntry(Entry, frozen=True, kw_only=True):
    """How much longer a check takes than it did. Medians of runs in which it passed, in seconds."""

    before: float
    now: Annotated[float, Meta(description="Of the last runs, at most three.")]


class TrendEntry(Entry, frozen=True, kw_only=True):
    """One check in all of these runs. `outcomes` and `seconds` have a place for each; null where it did not run."""

    nodeid: str
    outcomes: tuple[Outcome | None, ...]
    seconds: tuple[float | None, ...]
    failing_since: Annotated[
        int | None,
        Meta(description="Index of the run from which on it has failed whenever it ran; null if it did not fail last."),
    ]
    passed_before: Annotated[
        int | None, Meta(description="Index of the last run before that in which it passed; null if there is none.")
    ]
    flaky: Annotated[str, Meta(description="Why it counts as flaky; empty if it does not.")]
    growth: Annotated[GrowthEntry | None, Meta(description="null unless it is among those that have grown most.")]


class HistoryEntry(Entry, frozen=True, kw_only=True):
    """What the reports of earlier runs show about the checks of this one."""

    runs: Annotated[tuple[PastRunEntry, ...], Meta(description="Oldest first; the last is this run.")]
    checks: Annotated[
        tuple[TrendEntry, ...],
        Meta(description="Those that fail, the first 100; then flaky ones, the first 50; then 20 that have grown."),
    ]
    left_out: Annotated[int, Meta(description="How many more fail or are flaky.")]
