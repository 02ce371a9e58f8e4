"""The part of the report about each check: its attempts, and what it has found, measured and used."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from pytest_parallel_agents.model.results import Level, Outcome
from pytest_parallel_agents.reports.entry import Entry


class UsageEntry(Entry, frozen=True, kw_only=True):
    """What answers of language models have used, as far as their programs report it."""

    model: str
    version: Annotated[str, Meta(description="The program's.")]
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: Annotated[float | None, Meta(description="Dollars; 0 of a kept answer.")]
    refused: Annotated[tuple[str, ...], Meta(description="Tools that the model was not allowed to use.")]
    kept: Annotated[bool, Meta(description="Whether the answer was known from an earlier run, and nothing was sent.")]


class HotSpotEntry(Entry, frozen=True, kw_only=True):
    """A function that a profile saw."""

    path: str
    line: int
    function: str
    calls: int
    self_seconds: float
    cumulative_seconds: float


class RoundsEntry(Entry, frozen=True, kw_only=True):
    """The rounds of a benchmark. All but `count` and `iterations` are seconds of one call of what is timed."""

    count: int
    iterations: Annotated[int, Meta(description="Calls in a round.")]
    min: float
    max: float
    mean: float
    median: float
    stddev: float


class MeasurementEntry(Entry, frozen=True, kw_only=True):
    """The measurement of one `with profile()` block, one benchmark or a command. Null where nothing was measured."""

    name: str
    calls: int | None
    cpu_seconds: float | None
    wall_seconds: Annotated[float, Meta(description="Of a benchmark, the median of its rounds.")]
    peak_bytes: Annotated[int | None, Meta(description="Allocated above the start; null when not traced.")]
    beside: Annotated[int, Meta(description="How many other checks ran at some time while the check ran.")]
    cpu_share: Annotated[float | None, Meta(description="cpu_seconds / wall_seconds.")]
    involuntary_switches: Annotated[
        int | None,
        Meta(description="How often the system took the CPU away meanwhile; null where that is not known."),
    ]
    rounds: Annotated[RoundsEntry | None, Meta(description="null unless a benchmark measured.")]
    flame_graphs: Annotated[tuple[str, ...], Meta(description="Files that --agents-flamegraphs wrote.")]
    hot_spots: tuple[HotSpotEntry, ...]


class FindingEntry(Entry, frozen=True, kw_only=True):
    """A located observation. `check` is the node id of the check that made it."""

    rule: str
    level: Level
    message: str
    path: str | None
    line: int | None
    end_line: int | None
    fingerprint: Annotated[str, Meta(description="Equal for the same finding in another run.")]
    check: str
    votes: Annotated[int | None, Meta(description="How many members of its panel found it; null without one.")] = None


class AttemptEntry(Entry, frozen=True, kw_only=True):
    """One execution of a check."""

    outcome: Outcome
    worker: str
    start: float
    stop: float
    message: str


class SectionEntry(Entry, frozen=True, kw_only=True):
    """Captured output, under pytest's name for it."""

    name: str
    text: str


class FailureEntry(Entry, frozen=True, kw_only=True):
    """The output of a check that ended badly, without secrets. Of longer texts only both ends are kept."""

    text: Annotated[str, Meta(description="The traceback, or the text in its place; at most 8 KiB.")]
    sections: Annotated[tuple[SectionEntry, ...], Meta(description="Together at most 8 KiB.")]


class CheckEntry(Entry, frozen=True, kw_only=True):
    """One check. `duration`, `worker`, `start` and `stop` are those of its last attempt."""

    nodeid: str
    kind: str
    name: str
    outcome: Outcome
    duration: Annotated[float, Meta(description="0 when it never ran.")]
    worker: Annotated[str | None, Meta(description="A worker's id, or controller; null when it never ran.")]
    start: float | None
    stop: float | None
    attempts: Annotated[tuple[AttemptEntry, ...], Meta(description="Oldest first; empty when it never ran.")]
    group: str | None
    message: str
    failure: Annotated[
        FailureEntry | UnsetType, Meta(description="Only there when the check failed, broke, crashed or timed out.")
    ] = UNSET
    alone: Annotated[
        Outcome | UnsetType | None,
        Meta(description="The outcome of one more execution, alone; null if that is not known."),
    ] = UNSET
    replay: Annotated[
        str | UnsetType,
        Meta(description="Only there when it passes alone: repeats what its worker had run."),
    ] = UNSET
    line: Annotated[int | UnsetType, Meta(description="Only there when it failed: where it is defined.")] = UNSET
    reproduce: Annotated[
        str | UnsetType,
        Meta(description="Only there when it failed: runs it alone, in the folder in which the run was started."),
    ] = UNSET
    usage: Annotated[
        UsageEntry | UnsetType, Meta(description="Only there when it has used a language model: of all its attempts.")
    ] = UNSET
    notes: Annotated[
        tuple[str, ...], Meta(description="Remarks that hold whatever the outcome, such as what the check left behind.")
    ]
    measurements: tuple[MeasurementEntry, ...]
    findings: tuple[FindingEntry, ...]
