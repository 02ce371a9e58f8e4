"""The structure of the JSON report, from which all other reports render. `schema.json` is made from these classes.

Seconds are wall clock, `start` and `stop` count from the run's start, paths are relative to the root with `/`, lines
count from 1. A field without a value is null; only fields that no passed check needs are left out.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from pytest_parallel_agents.convergence.outlines import Statement
from pytest_parallel_agents.model import Action, Basis, Level, Outcome, Policy, Source, Verdict

SCHEMA_ID: Final = "pytest-parallel-agents/report/1"


class _Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Run(_Entry, frozen=True, kw_only=True):
    """The run as a whole."""

    started: Annotated[str, Meta(description="When the run began, ISO 8601, UTC.")]
    seconds: float
    workers: int
    cpus: Annotated[int, Meta(description="How many CPUs the checks could use at once, together.")]
    exit_code: Annotated[
        int, Meta(description="pytest's: 0 passed, 1 failed, 2 interrupted, 3 internal, 4 usage, 5 none.")
    ]
    python: str
    platform: str
    root: str
    shard: Annotated[str | None, Meta(description="I/N when this run was one of N shards.")]


class Timing(_Entry, frozen=True, kw_only=True):
    """The gain of running in parallel, and how near the run came to the best possible."""

    sequential: Annotated[
        float,
        Meta(
            description="About the time of one process: all attempts but those of cancelled checks, and wide "
            "fixtures that several workers built counted once."
        ),
    ]
    makespan: Annotated[float, Meta(description="From the first start to the last stop.")]
    speedup: Annotated[float | None, Meta(description="sequential / makespan; null when nothing ran.")]
    lower_bound: Annotated[float, Meta(description="No schedule of the measured durations could be shorter.")]
    efficiency: Annotated[float | None, Meta(description="lower_bound / makespan; null when nothing ran.")]
    start_skew: Annotated[
        float, Meta(description="From the first check's start until every worker used had started one.")
    ]
    critical_path: Annotated[tuple[str, ...], Meta(description="Node ids of the longest chain of dependent checks.")]


class ConflictEntry(_Entry, frozen=True, kw_only=True):
    """Two checks that are not independent, and the action taken."""

    left: str
    right: str
    resource: str
    source: Source
    verdict: Verdict
    reason: str
    action: Action
    evidence: str


class Independence(_Entry, frozen=True, kw_only=True):
    """The conflicts that were found before anything ran."""

    policy: Policy
    verified: Annotated[
        bool,
        Meta(description="Whether every declared conflict was kept apart in time. What else checks share is unknown."),
    ]
    conflicts: tuple[ConflictEntry, ...]


class HotSpotEntry(_Entry, frozen=True, kw_only=True):
    """A function that a profile saw."""

    path: str
    line: int
    function: str
    calls: int
    self_seconds: float
    cumulative_seconds: float


class RoundsEntry(_Entry, frozen=True, kw_only=True):
    """The rounds of a benchmark. All but `count` and `iterations` are seconds of one call of what is timed."""

    count: int
    iterations: Annotated[int, Meta(description="Calls in a round.")]
    min: float
    max: float
    mean: float
    median: float
    stddev: float


class MeasurementEntry(_Entry, frozen=True, kw_only=True):
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


class FindingEntry(_Entry, frozen=True, kw_only=True):
    """A located observation. `check` is the node id of the check that made it."""

    rule: str
    level: Level
    message: str
    path: str | None
    line: int | None
    end_line: int | None
    fingerprint: Annotated[str, Meta(description="Equal for the same finding in another run.")]
    check: str


class AttemptEntry(_Entry, frozen=True, kw_only=True):
    """One execution of a check."""

    outcome: Outcome
    worker: str
    start: float
    stop: float
    message: str


class SectionEntry(_Entry, frozen=True, kw_only=True):
    """Captured output, under pytest's name for it."""

    name: str
    text: str


class FailureEntry(_Entry, frozen=True, kw_only=True):
    """The output of a check that ended badly, without secrets. Of longer texts only both ends are kept."""

    text: Annotated[str, Meta(description="The traceback, or the text in its place; at most 8 KiB.")]
    sections: Annotated[tuple[SectionEntry, ...], Meta(description="Together at most 8 KiB.")]


class CheckEntry(_Entry, frozen=True, kw_only=True):
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
    notes: Annotated[
        tuple[str, ...], Meta(description="Remarks that hold whatever the outcome, such as what the check left behind.")
    ]
    measurements: tuple[MeasurementEntry, ...]
    findings: tuple[FindingEntry, ...]


class GroupEntry(_Entry, frozen=True, kw_only=True):
    """Checks that one sync strategy decided together."""

    name: str
    wait: Annotated[str, Meta(description="all, any, or how many members must pass.")]
    passed: bool
    decided_by: Annotated[str | None, Meta(description="Node id of the member that decided it before all had ended.")]
    seconds: Annotated[
        float | None,
        Meta(description="From the first start of a member until enough had passed; null if they have not."),
    ] = None
    members: tuple[str, ...]


class ClueEntry(_Entry, frozen=True, kw_only=True):
    """One piece of evidence for one cause."""

    kind: Annotated[str, Meta(description="The kind of the check that made it.")]
    check: str
    weight: float
    what: str
    source: Annotated[str, Meta(description="The kind of evidence.")] = ""


class AddendEntry(_Entry, frozen=True, kw_only=True):
    """What one kind of evidence adds to a score: weight times points."""

    kind: str
    weight: float
    points: float


class CauseLineEntry(_Entry, frozen=True, kw_only=True):
    """A statement of a cause."""

    line: int
    end_line: int
    score: float
    rank_group: Annotated[
        int, Meta(description="Its place among the statements of all causes, counted from 1 and shared by equal ones.")
    ]
    text: Annotated[str, Meta(description="Its first line.")]


class CauseEntry(_Entry, frozen=True, kw_only=True):
    """A ranked function, or a module's own code (`<module>`), or a file that is not Python (no function)."""

    path: str
    function: str
    line: int
    end_line: int
    lines: Annotated[
        tuple[CauseLineEntry, ...],
        Meta(description="Its likeliest statements: of all causes of failures together the first 20."),
    ]
    score: Annotated[float, Meta(description="The sum of the addends; comparable among causes of one basis.")]
    rank_group: Annotated[int, Meta(description="Counted from 1; causes that the evidence cannot tell apart share it.")]
    kinds: Annotated[tuple[str, ...], Meta(description="The kinds of checks that point here.")]
    members: Annotated[tuple[str, ...], Meta(description="The rank group as path::function, the first 100.")]
    evidence: tuple[ClueEntry, ...]
    addends: tuple[AddendEntry, ...]
    agreeing: Annotated[tuple[str, ...], Meta(description="The kinds of evidence that name no likelier place.")]
    confidence: Annotated[int, Meta(description="How many kinds of evidence agree.")]
    failures: Annotated[tuple[str, ...], Meta(description="Node ids of what it may explain, the first 100.")]
    failure_count: int
    cluster: Annotated[
        int, Meta(description="Causes with the same number may explain the same failures; 0 without failures.")
    ]
    basis: Annotated[
        Basis, Meta(description="What it is ranked by: failures, or findings where nothing failed; these come last.")
    ]


class UnexplainedEntry(_Entry, frozen=True, kw_only=True):
    """Failures for which nothing in the project's code is under suspicion, and why."""

    checks: tuple[str, ...]
    why: str


class FunctionEntry(_Entry, frozen=True, kw_only=True):
    """Where a function is that the evidence names. `first_line` is that of its first decorator."""

    path: str
    function: str
    line: int
    end_line: int
    first_line: int


class EvidenceEntry(_Entry, frozen=True, kw_only=True):
    """The evidence from which the causes can be ranked again."""

    functions: tuple[FunctionEntry, ...]
    spectra: Annotated[
        dict[str, dict[str, tuple[int, ...]]],
        Meta(description="Node id: path: first lines of the statements executed, as far as a failing check did too."),
    ]
    frames: Annotated[
        dict[str, tuple[tuple[str, int], ...]],
        Meta(description="Node id: path and line of each frame, innermost last."),
    ]
    samples: Annotated[dict[str, dict[str, int]], Meta(description="Node id: path:line: how often seen there.")]
    ages: Annotated[dict[str, dict[int, float]], Meta(description="Path: line: days since it changed.")]
    statements: Annotated[
        dict[str, tuple[Statement, ...]],
        Meta(
            description="Path: first line, last line, whether it defines, whether it raises in a handler, size, "
            "whether it is in a handler."
        ),
    ]
    files: Annotated[dict[str, int], Meta(description="Path: the last line.")]
    exceptions: Annotated[dict[str, str], Meta(description="Node id: the class that was raised.")]
    changed: Annotated[dict[str, tuple[int, ...]], Meta(description="Path: lines changed since the base.")]
    imports: Annotated[
        dict[str, tuple[str, ...]], Meta(description="Path of a test file: the project's files that it imports.")
    ]
    test_roots: Annotated[tuple[str, ...], Meta(description="Folders of tests and what helps them.")]
    judges: Annotated[tuple[str, ...], Meta(description="Node ids of checks that only judge the others.")]
    known: Annotated[tuple[str, ...], Meta(description="Fingerprints of findings that the baseline has.")]
    missing: Annotated[str, Meta(description="Why there are no spectra; empty if there are.")]
    unmeasured: Annotated[dict[str, str], Meta(description="Node id: why there is no spectrum of this check.")] = field(
        default_factory=dict
    )


class SlowerEntry(_Entry, frozen=True, kw_only=True):
    """A function that takes more time of its own than it did."""

    path: str
    function: str
    before: Annotated[float, Meta(description="Self time in seconds; 0 where the earlier profile had not seen it.")]
    now: float


class RegressionEntry(_Entry, frozen=True, kw_only=True):
    """Something worse than before: a check that fails and did not, or a measurement beyond its tolerance."""

    check: str
    measurement: Annotated[str | None, Meta(description="Its name; null for the check's outcome.")]
    what: Annotated[str, Meta(description="outcome, calls, peak_bytes or wall_seconds.")]
    before: Annotated[Outcome | float | None, Meta(description="null for a check that did not exist.")]
    now: Outcome | float
    tolerance: Annotated[float | None, Meta(description="The share by which it might have grown.")]
    functions: Annotated[
        tuple[SlowerEntry, ...], Meta(description="Those whose self time has grown most, the first five.")
    ] = ()


class Baseline(_Entry, frozen=True, kw_only=True):
    """The comparison with an earlier report, by fingerprints."""

    new: Annotated[tuple[FindingEntry, ...], Meta(description="Findings that the earlier report does not have.")]
    fixed: Annotated[
        tuple[FindingEntry, ...],
        Meta(description="The earlier report's findings that are gone, if the checks that had them ran to their end."),
    ]
    unchanged: Annotated[
        tuple[str, ...], Meta(description="Fingerprints that both have; the findings stand in their checks.")
    ]
    regressions: Annotated[
        tuple[RegressionEntry, ...],
        Meta(
            description="Checks that fail first, then measurements by how much the self time of a function has grown."
        ),
    ]


class Report(_Entry, frozen=True, kw_only=True):
    """The report of one `pytest --agents` run."""

    schema: Literal["pytest-parallel-agents/report/1"]
    run: Run
    timing: Timing
    independence: Independence
    checks: Annotated[tuple[CheckEntry, ...], Meta(description="All collected checks, in the order of collection.")]
    groups: tuple[GroupEntry, ...]
    causes: Annotated[tuple[CauseEntry, ...], Meta(description="Where to look first: the first 100, likeliest first.")]
    evidence: EvidenceEntry | None
    baseline: Annotated[Baseline | None, Meta(description="null without --agents-baseline.")]
    unexplained: Annotated[tuple[UnexplainedEntry, ...], Meta(description="Failures that no cause explains.")]
