"""What is to run: checks, what they share, and the plan."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec


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
