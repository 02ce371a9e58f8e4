"""What a kind of evidence is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from pytest_parallel_agents.convergence.fault import Fault, Place
from pytest_parallel_agents.convergence.functions import FunctionRange


class Weight(msgspec.Struct, frozen=True, kw_only=True):
    """What one point of a kind of evidence adds to a score: to a function's, to a line's, and what each line of a
    function gets of the function's points.

    `of_executed`: what it says of a function counts as much as the coverage of that function does, where it is known.
    """

    function: float
    line: float = 0.0
    inherited: float = 0.0
    of_executed: bool = False


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """The opinion of a kind of evidence on a function: `points` in 0..1 or a little more, and the reason in words.

    `check` is the node id of a check that it is based on, `line` the one that it is about. Without words it only
    counts. `counts`: the share of the points that does.
    """

    points: float
    what: str = ""
    check: str = ""
    line: int | None = None
    counts: float = 1.0

    @property
    def counted(self) -> float:
        """The points that are part of the sum."""
        return self.points * self.counts


class Opinions(msgspec.Struct, frozen=True, kw_only=True):
    """The opinions of a kind of evidence on one fault; what it does not name has no points."""

    functions: Mapping[FunctionRange, Opinion] = msgspec.field(default_factory=dict)
    lines: Mapping[Place, float] = msgspec.field(default_factory=dict)


class EvidenceKind(Protocol):
    """A kind of evidence. Its name is a word for people, and its own among all kinds.

    It `testifies` if it speaks of these failures, and not of code in general: only such kinds count for the confidence.
    """

    @property
    def name(self) -> str: ...

    @property
    def weight(self) -> Weight: ...

    @property
    def testifies(self) -> bool: ...

    def opinions(self, fault: Fault) -> Opinions:
        """Pure: the same fault is judged the same, in whatever order its checks come.

        An opinion on a function outside of `fault.candidates` brings it under suspicion, too.
        """
        ...
