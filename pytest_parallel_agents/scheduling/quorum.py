"""Groups of which any member, or N, must pass, and panels of which N must agree: which are decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import Enum

import msgspec

from pytest_parallel_agents.model.plan import Group


def nth_shortest(group: Group, seconds: Mapping[int, float]) -> float:
    """Seconds until enough members of a group have passed if all begin at once: those of the N-th, or of the longest
    where all must pass.
    """
    shortest = sorted(seconds[member] for member in group.members)
    return shortest[-1 if group.needed is None else group.needed - 1]


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A group is decided by the member `by`, the last of those that count.

    `met`: enough have passed; otherwise so many have not that enough no longer can. `cancelled`: the members that need
    not go on.
    """

    group: Group
    met: bool
    by: int
    passes: int
    cancelled: tuple[int, ...]


class Quorum:
    """Counts how checks ended, and returns the decision when that decides a group. Each group is decided once.

    Groups that wait for all are left out: nothing is ever cancelled in them.
    """

    def __init__(self, groups: Iterable[Group]) -> None:
        self._votes: dict[int, list[_Vote]] = defaultdict(list)
        for group in groups:
            if group.needed is not None:
                vote = _Vote(group, group.needed)
                for member in group.members:
                    self._votes[member].append(vote)

    def concerns(self, check: int) -> bool:
        """Whether the check is a member of a group that might be met without it."""
        return check in self._votes

    def ended(self, check: int, *, passed: bool) -> list[Decision]:
        """The decisions that follow from the end of a check. `passed` is false for one that was cancelled."""
        decided = (vote.count(check, passed=passed) for vote in self._votes.get(check, ()))
        return [decision for decision in decided if decision is not None]

    def excuses(self, check: int) -> bool | None:
        """Whether a failure of the check counts for nothing as one of its groups is met; None while that is open."""
        met = [vote.met for vote in self._votes.get(check, ())]
        if any(met):
            return True
        return None if None in met else False


class _Vote:
    """One group. `met` is None until it is decided."""

    def __init__(self, group: Group, needed: int) -> None:
        self.met: bool | None = None
        self._group = group
        self._needed = needed
        self._open = dict.fromkeys(group.members)
        self._passes = 0

    def count(self, check: int, *, passed: bool) -> Decision | None:
        self._open.pop(check, None)
        self._passes += passed
        if self.met is not None:
            return None
        if self._passes >= self._needed:
            self.met = True
        elif self._passes + len(self._open) < self._needed:
            self.met = False
        else:
            return None
        return Decision(group=self._group, met=self.met, by=check, passes=self._passes, cancelled=tuple(self._open))


class Ruling(Enum):
    """How a panel is decided. A tie is undecided for ever: too few members answer for enough to agree."""

    FAILED = "failed"
    PASSED = "passed"
    TIE = "tie"


def rule(agree: int, *, agreeing: int, answers: int, left: int) -> Ruling | None:
    """The ruling of a panel as soon as it is certain; None while it is open.

    `agreeing` is how many members make the grave finding that most of them make, `answers` how many have answered, and
    `left` how many may still do so.
    """
    if agreeing >= agree:
        return Ruling.FAILED
    if answers + left < agree:
        return Ruling.TIE
    return Ruling.PASSED if agreeing + left < agree <= answers else None
