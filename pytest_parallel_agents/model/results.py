"""What came of it: attempts, what they found and recorded, and the results of checks and groups."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from pytest_parallel_agents.measurements import Measurement
from pytest_parallel_agents.model.plan import Check, Group


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


class GroupResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a group. `passed` is None of a panel that has decided nothing: each member counts for itself.
    `decided_by` is the node id of the member that decided it early.

    Of a panel `answers` is how many members have answered, and `agreements` what they found.
    """

    group: Group
    passed: bool | None
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
