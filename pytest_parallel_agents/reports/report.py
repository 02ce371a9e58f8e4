"""The structure of the JSON report, from which all other reports render. `schema.json` is made from these classes.

Seconds are wall clock, `start` and `stop` count from the run's start, paths are relative to the root with `/`, lines
count from 1. A field without a value is null; only fields that no passed check needs are left out.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta

from pytest_parallel_agents.model.plan import Action, Policy, Source, Verdict
from pytest_parallel_agents.model.results import Level, Outcome
from pytest_parallel_agents.reports.entries_of_causes import CauseEntry, EvidenceEntry, UnexplainedEntry
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry, FindingEntry
from pytest_parallel_agents.reports.entries_of_history import HistoryEntry
from pytest_parallel_agents.reports.entry import Entry

SCHEMA_ID: Final = "pytest-parallel-agents/report/1"


class Run(Entry, frozen=True, kw_only=True):
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
    commit: Annotated[
        str | None, Meta(description="git's HEAD; null where there is none, and unless reports are kept or merged.")
    ] = None
    uncommitted: Annotated[str, Meta(description="A digest of what is not committed; empty when all is.")] = ""
    division: Annotated[
        str | None, Meta(description="Digest of which checks are in which shard; equal in all shards of a run.")
    ] = None
    configuration: Annotated[str | None, Meta(description="Digest of the configuration's table.")] = None
    spending: Annotated[Spending | None, Meta(description="null where no check has used a language model.")] = None


class Spending(Entry, frozen=True, kw_only=True):
    """What all checks of a run have used together. Sums are null where no program reports them."""

    answers: Annotated[int, Meta(description="How many checks report what they used, or have a kept answer.")]
    kept: Annotated[int, Meta(description="How many of them have a kept answer.")]
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: Annotated[float | None, Meta(description="Dollars.")]
    budget: Annotated[float | None, Meta(description="The dollars that might be spent; null without a limit.")]


class Timing(Entry, frozen=True, kw_only=True):
    """The gain of running in parallel, and how near the run came to the best possible."""

    sequential: Annotated[
        float,
        Meta(
            description="About the time of one process: all attempts but those of cancelled checks, wide fixtures "
            "that several workers built counted once, and the collection as far as commands ran beside it."
        ),
    ]
    makespan: Annotated[float, Meta(description="From the first start to the last stop.")]
    speedup: Annotated[float | None, Meta(description="sequential / makespan; null when nothing ran.")]
    lower_bound: Annotated[float, Meta(description="No schedule of the measured durations could be shorter.")]
    efficiency: Annotated[float | None, Meta(description="lower_bound / makespan; null when nothing ran.")]
    start_skew: Annotated[
        float,
        Meta(
            description="From the first check's start until every worker used had started one. Commands that began "
            "during the collection count from its end."
        ),
    ]
    critical_path: Annotated[tuple[str, ...], Meta(description="Node ids of the longest chain of dependent checks.")]


class ShardEntry(Entry, frozen=True, kw_only=True):
    """One machine's part of a run. `timing` and the times of its checks count from its own start."""

    shard: Annotated[str, Meta(description="I/N.")]
    started: str
    seconds: float
    workers: int
    cpus: int
    exit_code: int
    checks: Annotated[int, Meta(description="How many it ran.")]
    timing: Timing


class ConflictEntry(Entry, frozen=True, kw_only=True):
    """Two checks that are not independent, and the action taken."""

    left: str
    right: str
    resource: str
    source: Source
    verdict: Verdict
    reason: str
    action: Action
    evidence: str


class Independence(Entry, frozen=True, kw_only=True):
    """The conflicts that were found before anything ran."""

    policy: Policy
    verified: Annotated[
        bool,
        Meta(description="Whether every declared conflict was kept apart in time. What else checks share is unknown."),
    ]
    conflicts: tuple[ConflictEntry, ...]


class AgreementEntry(Entry, frozen=True, kw_only=True):
    """What members of a panel have found that is one: of one rule, in one function, with a line in common."""

    rule: str
    level: Annotated[Level, Meta(description="The one that enough members give it; a note where too few found it.")]
    message: Annotated[str, Meta(description="That of the member which finds it gravest.")]
    path: str | None
    line: int | None
    end_line: int | None
    votes: int
    voters: Annotated[tuple[str, ...], Meta(description="Node ids of the members that found it.")]
    counts: Annotated[bool, Meta(description="Whether enough members find it grave, so that it fails the panel.")]


class GroupEntry(Entry, frozen=True, kw_only=True):
    """Checks that one sync strategy decided together."""

    name: str
    wait: Annotated[str, Meta(description="all, any, or how many members must pass; agree N of a panel.")]
    passed: Annotated[
        bool | None, Meta(description="null of a panel that has decided nothing: each member counts for itself.")
    ]
    decided_by: Annotated[str | None, Meta(description="Node id of the member that decided it before all had ended.")]
    seconds: Annotated[
        float | None,
        Meta(description="From the first start of a member until enough had passed; null if they have not."),
    ] = None
    members: tuple[str, ...]
    agree: Annotated[int | None, Meta(description="How many members of a panel must agree; null for others.")] = None
    answers: Annotated[int | None, Meta(description="How many members of a panel have answered; null for others.")] = (
        None
    )
    agreements: Annotated[
        tuple[AgreementEntry, ...], Meta(description="What a panel has found: what counts first, then by votes.")
    ] = ()


class SlowerEntry(Entry, frozen=True, kw_only=True):
    """A function that takes more time of its own than it did."""

    path: str
    function: str
    before: Annotated[float, Meta(description="Self time in seconds; 0 where the earlier profile had not seen it.")]
    now: float


class RegressionEntry(Entry, frozen=True, kw_only=True):
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


class Baseline(Entry, frozen=True, kw_only=True):
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


class Report(Entry, frozen=True, kw_only=True):
    """The report of one `pytest --agents` run."""

    schema: Literal["pytest-parallel-agents/report/1"]
    run: Run
    timing: Timing
    independence: Independence
    checks: Annotated[
        tuple[CheckEntry, ...], Meta(description="All collected checks, in the order of collection, of each shard.")
    ]
    groups: tuple[GroupEntry, ...]
    causes: Annotated[tuple[CauseEntry, ...], Meta(description="Where to look first: the first 100, likeliest first.")]
    evidence: EvidenceEntry | None
    baseline: Annotated[Baseline | None, Meta(description="null without --agents-baseline.")]
    unexplained: Annotated[tuple[UnexplainedEntry, ...], Meta(description="Failures that no cause explains.")]
    shards: Annotated[
        tuple[ShardEntry, ...], Meta(description="The shards of a run that several machines made; empty for others.")
    ] = ()
    history: Annotated[
        HistoryEntry | None, Meta(description="null unless reports of earlier runs are kept, and there are some.")
    ] = None
