"""The model. Frozen values that flow one way: items -> checks -> plan -> commands -> events -> results -> report.

Seconds are floats of wall clock, paths are relative to the root with `/`, lines count from 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from pytest_parallel_agents.measurements import Measurement


class Outcome(StrEnum):
    """The outcome of a check. Every collected check ends in exactly one."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    XPASSED = "xpassed"
    TIMED_OUT = "timed_out"
    CRASHED = "crashed"
    CANCELLED = "cancelled"

    @property
    def bad(self) -> bool:
        """Whether this outcome makes the run fail."""
        return self in _BAD

    @property
    def good(self) -> bool:
        """Whether this outcome counts for a group that waits for some of its members."""
        return self in _GOOD


_BAD = frozenset({Outcome.FAILED, Outcome.ERROR, Outcome.TIMED_OUT, Outcome.CRASHED})
_GOOD = frozenset({Outcome.PASSED, Outcome.XPASSED})


class Level(StrEnum):
    """How grave a finding is, in SARIF's words."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"

    @property
    def severity(self) -> int:
        """0 for a note, 2 for an error."""
        return list(Level).index(self)


class Source(StrEnum):
    """What two checks share that keeps them from being independent."""

    FIXTURE = "fixture"
    RESOURCE = "resource"
    ORDER = "order"
    OBSERVED = "observed"


class Verdict(StrEnum):
    DECLARED = "declared"
    OBSERVED = "observed"
    CONFIRMED = "confirmed"


class Action(StrEnum):
    """The action taken on a conflict."""

    SERIALIZED = "serialized"
    REFUSED = "refused"
    REPORTED = "reported"


class Policy(StrEnum):
    """`--agents-independence`: what a conflict does."""

    SERIALIZE = "serialize"
    STRICT = "strict"


class SharedFixture(msgspec.Struct, frozen=True, kw_only=True):
    """One instance of a fixture wider than function scope, as one check uses it.

    Two checks share the instance when their `key` is equal. `replicable` instances may be built once per worker. One
    that is not `certain` might be requested, by a name that is known only while the check runs.
    """

    name: str
    scope: str
    key: str
    replicable: bool = False
    certain: bool = True


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One schedulable item of any kind.

    `index` is its place in the collection. `marked` is true for a check with the mark or of a configured command, false
    for a plain test. `after` holds what the user wrote: node ids, names or kinds. `together` holds keys of lanes that
    `--dist` and other plugins' marks require (`xdist_group`, `order`, `dependency`): checks with a key in common run on
    one worker in collection order. `stages` holds (key, -1 | 0 | 1): within a key, all of -1 come before all of 0, and
    these before all of 1 (pytest-order's first and last).
    """

    index: int
    nodeid: str
    kind: str
    name: str
    marked: bool = True
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    after: tuple[str, ...] = ()
    cpus: int = 1
    timeout: float | None = None
    group: str | None = None
    alone: bool = False
    retries: int = 0
    fixtures: tuple[SharedFixture, ...] = ()
    together: tuple[str, ...] = ()
    stages: tuple[tuple[str, int], ...] = ()


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Checks, by index, that one sync strategy decides together. `needed`: how many must pass, None for all.

    `agree`: of a panel, how many must make a finding for it to count. Then `needed` is None.
    """

    name: str
    needed: int | None
    members: tuple[int, ...]
    agree: int | None = None

    @property
    def wait(self) -> str:
        """The strategy as users write it."""
        if self.agree is not None:
            return f"agree {self.agree}"
        return {None: "all", 1: "any"}.get(self.needed) or str(self.needed)


class GroupResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a group. `decided_by` is the node id of the member that decided it early.

    Of a panel `answers` is how many members have answered, and `agreements` what they found.
    """

    group: Group
    passed: bool
    decided_by: str | None = None
    answers: int | None = None
    agreements: tuple[Agreement, ...] = ()


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """The findings of a panel's members that are one, each with the index of its member.

    `finding` stands for all, at the level that `agree` members give it, a note where fewer make it. `counts`: enough
    members find it grave, so it fails the panel.
    """

    finding: Finding
    sightings: tuple[tuple[int, Finding], ...]
    counts: bool

    @property
    def voters(self) -> tuple[int, ...]:
        return tuple(sorted({voter for voter, _ in self.sightings}))


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """Two checks (node ids), what they share, why they are not independent, and the remedy."""

    left: str
    right: str
    resource: str
    source: Source
    reason: str
    remedy: str = ""
    verdict: Verdict = Verdict.DECLARED
    action: Action = Action.SERIALIZED
    evidence: str = ""


class Lock(msgspec.Struct, frozen=True):
    """A claim on one resource while a check runs. Readers share; writers exclude readers."""

    name: str
    write: bool


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The plan: the lanes of checks, the locks that each check must hold, and those that it must wait for.

    `lanes`: every check index in exactly one, in the order in which one worker runs them.
    `locks` and `predecessors` are by check index; absent means none.
    `capacities`: how many may write a lock at once; absent means 1. Locks `per_host` are held on one host each: checks
    on different hosts do not exclude each other.
    `budget`: the dollars that those checks may spend together which are in `reserves`: by check index what one spends
    at most, infinite where that is not known. None without a limit.
    """

    checks: Mapping[int, Check]
    lanes: tuple[tuple[int, ...], ...]
    locks: Mapping[int, tuple[Lock, ...]] = msgspec.field(default_factory=dict)
    predecessors: Mapping[int, tuple[int, ...]] = msgspec.field(default_factory=dict)
    capacities: Mapping[str, int] = msgspec.field(default_factory=dict)
    per_host: frozenset[str] = frozenset()
    conflicts: tuple[Conflict, ...] = ()
    budget: float | None = None
    reserves: Mapping[int, float] = msgspec.field(default_factory=dict)


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A located observation of a review. `check` is the node id of the check that made it. `votes` is how many members
    of a panel made it; None where there is none.
    """

    rule: str
    level: Level
    message: str
    path: str | None = None
    line: int | None = None
    end_line: int | None = None
    fingerprint: str = ""
    check: str = ""
    votes: int | None = None


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer of a language model has used, as far as its program reports it; None and empty for what it does
    not report.

    `version` is the program's. Input tokens include those that the service had cached. `refused` are the names of the
    tools that the model asked for and was not allowed to use. `kept`: nothing was sent, as the answer to the same
    question was known from an earlier run.
    """

    model: str = ""
    version: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    refused: tuple[str, ...] = ()
    kept: bool = False


class Frame(msgspec.Struct, frozen=True):
    """One entry of a traceback inside the root."""

    path: str
    line: int


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one attempt recorded beside its outcome. Frames are in order from outermost to innermost.

    `exception` is the name of the class that was raised; empty if nothing was. `notes` are remarks for people that hold
    whatever the outcome was. `usage` is that of a language model, also of an attempt without a usable answer.
    Findings from `fail_on` upwards make the check fail.
    """

    findings: tuple[Finding, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    frames: tuple[Frame, ...] = ()
    notes: tuple[str, ...] = ()
    exception: str = ""
    usage: Usage | None = None
    fail_on: Level = Level.ERROR


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One execution. `start` and `stop` are seconds since the run's start; `worker` is its id or `controller`."""

    outcome: Outcome
    worker: str
    start: float
    stop: float
    message: str = ""

    @property
    def duration(self) -> float:
        return self.stop - self.start


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """Captured output of a check, under pytest's name for it."""

    name: str
    text: str


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A failure, for people: the traceback, or the text in its place, and captured output."""

    text: str
    sections: tuple[Section, ...] = ()


class Alone(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a failed check that was run once more, alone; `outcome` is None if that is not known.

    If it passed, `replay` is the command that repeats what the worker on which it had failed ran until then. It is
    empty if there is none.
    """

    outcome: Outcome | None
    replay: str = ""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one check when it is over. `attempts` is empty for a check that never ran.

    `usage` is that of all attempts together, as far as it is known.
    """

    check: Check
    outcome: Outcome
    attempts: tuple[Attempt, ...] = ()
    message: str = ""
    failure: Failure | None = None
    evidence: Evidence = msgspec.field(default_factory=Evidence)
    alone: Alone | None = None
    usage: Usage | None = None

    @property
    def last(self) -> Attempt | None:
        return self.attempts[-1] if self.attempts else None
