"""Where to look first: places in the code, ranked, with what speaks for each."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from pytest_parallel_agents.model.results import Level


class Clue(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of evidence for one cause: `weight` in 0..1, `what` a phrase for people.

    `kind` is that of the check that says so, `source` the kind of evidence.
    """

    kind: str
    check: str
    weight: float
    what: str
    level: Level = Level.ERROR
    line: int | None = None
    source: str = ""


class Addend(msgspec.Struct, frozen=True, kw_only=True):
    """What one kind of evidence adds to a score: `weight` times `points`."""

    kind: str
    weight: float
    points: float


class CauseLine(msgspec.Struct, frozen=True, kw_only=True):
    """A statement of a cause. `rank_group` is its place among the statements of all causes, shared by equal ones."""

    line: int
    end_line: int
    score: float
    rank_group: int = 0


class Basis(StrEnum):
    """What a list of causes is ranked by. Scores of different lists are not to be compared."""

    FAILURES = "failures"
    FINDINGS = "findings"


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """A ranked code entity with its evidence.

    `score` is its suspiciousness, the sum of its `addends`. Causes that the evidence cannot tell apart share a
    `rank_group` (counted from 1); `members` names all of that group as `path::function`. `lines` are its statements,
    likeliest first. `kinds` are those of the checks that point here, `agreeing` the kinds of evidence that name no
    likelier place, and `confidence` is their number. `failures` are node ids of the checks that it may explain; causes
    of the same failures share a `cluster` (counted from 1; 0 where the basis is findings).
    """

    path: str
    function: str
    line: int
    end_line: int
    lines: tuple[CauseLine, ...]
    score: float
    rank_group: int
    kinds: tuple[str, ...]
    members: tuple[str, ...]
    evidence: tuple[Clue, ...]
    addends: tuple[Addend, ...] = ()
    agreeing: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    cluster: int = 0
    basis: Basis = Basis.FAILURES

    @property
    def confidence(self) -> int:
        return len(self.agreeing)


class Unexplained(msgspec.Struct, frozen=True, kw_only=True):
    """Failures for which nothing in the project's code is under suspicion, and why."""

    checks: tuple[str, ...]
    why: str


class Ranking(msgspec.Struct, frozen=True, kw_only=True):
    """What all evidence together says: where to look first, and what it does not explain."""

    causes: tuple[Cause, ...] = ()
    unexplained: tuple[Unexplained, ...] = ()
