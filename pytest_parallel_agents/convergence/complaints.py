"""Where tools find fault, of all that nothing has failed at: a list of its own, by kinds that agree and severity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby

import msgspec

from pytest_parallel_agents.causes import Clue
from pytest_parallel_agents.convergence.clues import LocatedClue
from pytest_parallel_agents.convergence.functions import FunctionRange

_MORE_CLUES = 0.1


class Complaint(msgspec.Struct, frozen=True):
    """A function that findings point at, with all clues, the strongest of each kind first."""

    function: FunctionRange
    clues: tuple[Clue, ...]
    score: float
    agreeing: int
    severity: int

    @property
    def rank(self) -> tuple[int, int, float, bool]:
        """Ascending: most kinds that agree first, then gravest, then the score; at equal evidence a function before a
        file.
        """
        return (-self.agreeing, -self.severity, -self.score, not self.function.is_function)


def complaints(clues: Iterable[LocatedClue]) -> list[tuple[Complaint, ...]]:
    """The functions that at least one complaint points at in groups of equal rank, gravest first."""
    located: dict[FunctionRange, list[LocatedClue]] = defaultdict(list)
    for each in clues:
        located[each.function].append(each)
    found = [_complaint(function, at) for function, at in located.items() if any(each.complaint for each in at)]
    found.sort(key=lambda each: (each.rank, each.function.path, each.function.line, each.function.function))
    return [tuple(tied) for _, tied in groupby(found, key=lambda each: each.rank)]


def strongest_of_each_kind_first(clues: Iterable[Clue]) -> tuple[Clue, ...]:
    """All clues, so that what is left out of a long list is never all that a kind of checks has found."""
    return one_of_each_kind_first(
        sorted(clues, key=lambda clue: (-clue.weight, clue.kind, clue.check, clue.line or 0, clue.what))
    )


def one_of_each_kind_first(clues: Sequence[Clue]) -> tuple[Clue, ...]:
    """The first one of each kind of checks, then the others."""
    leaders = _leaders(clues)
    return (*leaders, *(clue for clue in clues if clue not in leaders))


def _complaint(function: FunctionRange, found: Sequence[LocatedClue]) -> Complaint:
    clues = strongest_of_each_kind_first(each.clue for each in found)
    return Complaint(
        function=function,
        clues=clues,
        score=_score(clues),
        agreeing=len({each.clue.kind for each in found if not each.idle}),
        severity=max(each.clue.level.severity for each in found if each.complaint),
    )


def _leaders(ordered: Iterable[Clue]) -> list[Clue]:
    leaders: dict[str, Clue] = {}
    for clue in ordered:
        leaders.setdefault(clue.kind, clue)
    return list(leaders.values())


def _score(clues: Sequence[Clue]) -> float:
    """The strongest clue of each kind counts in full; all others together add less than `_MORE_CLUES`."""
    leaders = _leaders(clues)
    more = sum(clue.weight for clue in clues) - sum(clue.weight for clue in leaders)
    return round(sum(clue.weight for clue in leaders) + _MORE_CLUES * (1 - 0.5**more), 6)
