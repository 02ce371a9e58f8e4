"""Joins the clues of all kinds per function and ranks the functions.

The more kinds of checks point at a function, the likelier the fault is there: on a set of known faults the top function
was right in 38, 67 and 80% of the cases when 1, 2 and 3 kinds agreed on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import groupby

import msgspec

from pytest_parallel_agents.convergence.clues import LocatedClue, locate, locate_in_tests
from pytest_parallel_agents.convergence.functions import Entities, FunctionRange
from pytest_parallel_agents.model import Cause, Clue, Result

MOST_EVIDENCE = 20
"""Clues kept per cause; the strongest of each kind always is."""

_MORE_CLUES = 0.1
_Rank = tuple[int, bool, int, float, bool]


class _Suspect(msgspec.Struct, frozen=True):
    entity: FunctionRange
    clues: tuple[Clue, ...]
    score: float
    kinds: tuple[str, ...]
    agreeing: int
    has_failure: bool
    severity: int

    @property
    def rank(self) -> _Rank:
        """Ascending: most kinds that agree first, then where a check failed, then gravest, then the score; at equal
        evidence a function before a file.
        """
        is_file = not self.entity.is_function
        return (-self.agreeing, not self.has_failure, -self.severity, -round(self.score, 6), is_file)

    @property
    def name(self) -> str:
        return f"{self.entity.path}::{self.entity.function}" if self.entity.function else self.entity.path


def rank(
    results: Iterable[Result],
    sources: Mapping[str, str],
    *,
    test_paths: Container[str],
    known: Container[str] = frozenset(),
    gates: Container[str] = frozenset(),
) -> tuple[Cause, ...]:
    """The entities that at least one complaint points at, likeliest first.

    A complaint is a finding, a frame of a check that ended badly, or a hot spot of such a check; the hot spots of a
    check that passed only corroborate, and so do findings whose fingerprints are `known` from a baseline. `sources`:
    the text of every path that evidence names, as far as readable. `test_paths`: the files that hold collected test
    checks. Beside complaints, the first checks that failed in these files alone stand there themselves, so that no
    finding comes before a failure; `gates` are the node ids of those that only judge what the others found.
    """
    results, entities = tuple(results), Entities(sources)
    clues = list(locate(results, entities, test_paths, known))
    if any(each.complaint for each in clues):
        clues += locate_in_tests((each for each in results if each.check.nodeid not in gates), entities, clues)
    located: dict[FunctionRange, list[LocatedClue]] = defaultdict(list)
    for found in clues:
        located[found.entity].append(found)
    suspects = [_suspect(entity, found) for entity, found in located.items() if any(each.complaint for each in found)]
    return tuple(_causes(suspects))


def _suspect(entity: FunctionRange, found: list[LocatedClue]) -> _Suspect:
    clues = sorted((each.clue for each in found), key=_strongest_first)
    leaders = _strongest_of_each_kind(clues)
    others = [clue for clue in clues if clue not in leaders]
    return _Suspect(
        entity=entity,
        clues=(*leaders, *others),
        score=_score(leaders, others),
        kinds=tuple(sorted({clue.kind for clue in clues})),
        agreeing=len({each.clue.kind for each in found if not each.idle}),
        has_failure=any(each.failure for each in found),
        severity=max(each.clue.level.severity for each in found if each.complaint),
    )


def _strongest_first(clue: Clue) -> tuple[float, str, str, int, str]:
    return (-clue.weight, clue.kind, clue.check, clue.line or 0, clue.what)


def _strongest_of_each_kind(clues: list[Clue]) -> tuple[Clue, ...]:
    leaders: dict[str, Clue] = {}
    for clue in clues:
        leaders.setdefault(clue.kind, clue)
    return tuple(leaders.values())


def _score(leaders: Iterable[Clue], others: Iterable[Clue]) -> float:
    """The strongest clue of each kind counts in full; all others together add less than `_MORE_CLUES`."""
    more = sum(clue.weight for clue in others)
    return sum(clue.weight for clue in leaders) + _MORE_CLUES * (1 - 0.5**more)


def _causes(suspects: list[_Suspect]) -> Iterator[Cause]:
    ordered = sorted(suspects, key=lambda each: (each.rank, each.entity.path, each.entity.line, each.entity.function))
    for number, (_, tied) in enumerate(groupby(ordered, key=lambda each: each.rank), start=1):
        group = tuple(tied)
        members = tuple(each.name for each in group)
        for suspect in group:
            yield _cause(suspect, number, members)


def _cause(suspect: _Suspect, rank_group: int, members: tuple[str, ...]) -> Cause:
    return Cause(
        path=suspect.entity.path,
        function=suspect.entity.function,
        line=suspect.entity.line,
        end_line=suspect.entity.end_line,
        lines=tuple(sorted({clue.line for clue in suspect.clues if clue.line is not None})),
        score=round(suspect.score, 6),
        rank_group=rank_group,
        kinds=suspect.kinds,
        members=members,
        evidence=suspect.clues[:MOST_EVIDENCE],
    )
