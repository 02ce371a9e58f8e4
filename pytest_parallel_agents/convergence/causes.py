"""Suspects and complaints → causes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from pytest_parallel_agents.causes import Basis, Cause, CauseLine, Clue
from pytest_parallel_agents.convergence.clues import LocatedClue
from pytest_parallel_agents.convergence.code import TEST
from pytest_parallel_agents.convergence.complaints import (
    Complaint,
    complaints,
    one_of_each_kind_first,
    strongest_of_each_kind_first,
)
from pytest_parallel_agents.convergence.explanations import Explanation, by_turns
from pytest_parallel_agents.convergence.fault import Fault, Place
from pytest_parallel_agents.convergence.functions import FunctionRange
from pytest_parallel_agents.convergence.scoring import Suspect

MOST_EVIDENCE: Final = 20
"""Clues kept per cause; the strongest of each kind of checks always is."""

MOST_TESTS: Final = 2
"""Places in tests that are causes: they show that something is wrong, which is seldom the test."""

DECISIVE: Final = 1.0
"""The weight of a kind of evidence that counts more for a failure than findings of tools at the same place."""


def of_failures(found: Sequence[Explanation], clues: Sequence[LocatedClue], kinds: Mapping[str, str]) -> list[Cause]:
    """The causes of failures, likeliest first. `kinds`: those of the checks by node id."""
    by_function: dict[FunctionRange, list[Clue]] = {}
    for each in clues:
        by_function.setdefault(each.function, []).append(each.clue)
    ranks = _line_ranks(found)
    causes: dict[FunctionRange, Cause] = {}
    clusters: dict[Explanation, int] = {}
    tests = number = 0
    for explained, group in by_turns(found, lambda each: each.groups):
        if explained not in clusters:
            clusters[explained] = len(clusters) + 1
            _explain_more(causes, explained)
        new = [suspect for suspect in group if suspect.function not in causes]
        if explained.fault.role == TEST:
            new = new[: max(0, MOST_TESTS - tests)]
            tests += len(new)
        number += bool(new)
        members = tuple(_name(suspect.function) for suspect in new)
        for suspect in new:
            lines = tuple(
                replace(line, rank_group=ranks[Place(suspect.function.path, line.line)]) for line in suspect.lines
            )
            named = (
                *_clues(suspect, kinds, minor=False),
                *strongest_of_each_kind_first(by_function.get(suspect.function, ())),
                *_clues(suspect, kinds, minor=True),
            )
            causes[suspect.function] = _cause(
                suspect, explained.fault, named, lines, cluster=clusters[explained], rank_group=number, members=members
            )
    return list(causes.values())


def _explain_more(causes: dict[FunctionRange, Cause], explained: Explanation) -> None:
    """What is the likeliest for other failures, too, may explain these as well."""
    failing = [check.nodeid for check in explained.fault.failing]
    for function in explained.likeliest & causes.keys():
        failures = dict.fromkeys([*causes[function].failures, *failing])
        causes[function] = replace(causes[function], failures=tuple(failures))


def of_findings(clues: Sequence[LocatedClue], causes: Sequence[Cause]) -> Iterator[Cause]:
    """Where tools find fault, beside the causes of failures."""
    listed = {(cause.path, cause.function, cause.line) for cause in causes}
    number = max([cause.rank_group for cause in causes], default=0)
    for group in complaints(clues):
        new = [each for each in group if (each.function.path, each.function.function, each.function.line) not in listed]
        number += bool(new)
        members = tuple(_name(each.function) for each in new)
        yield from (_found(each, number, members) for each in new)


def _found(complaint: Complaint, rank_group: int, members: tuple[str, ...]) -> Cause:
    function = complaint.function
    scores: dict[int, float] = {}
    for clue in complaint.clues:
        if clue.line is not None:
            scores[clue.line] = max(clue.weight, scores.get(clue.line, 0.0))
    return Cause(
        path=function.path,
        function=function.function,
        line=function.line,
        end_line=function.end_line,
        lines=tuple(
            CauseLine(line=line, end_line=line, score=score, rank_group=rank_group)
            for line, score in sorted(scores.items(), key=lambda each: (-each[1], each[0]))
        ),
        score=complaint.score,
        rank_group=rank_group,
        kinds=tuple(sorted({clue.kind for clue in complaint.clues})),
        members=members,
        evidence=complaint.clues[:MOST_EVIDENCE],
        basis=Basis.FINDINGS,
    )


def _line_ranks(found: Sequence[Explanation]) -> Mapping[Place, int]:
    """The place of each statement among those of all causes."""
    ranks: dict[Place, int] = {}
    number = 0
    for _, group in by_turns(found, lambda each: each.lines):
        new = [place for place in group if place not in ranks]
        number += bool(new)
        ranks.update(dict.fromkeys(new, number))
    return ranks


def _clues(suspect: Suspect, kinds: Mapping[str, str], *, minor: bool) -> list[Clue]:
    """The opinions that have words, the strongest first: of kinds that could decide alone, or the `minor` ones."""
    clues = [
        Clue(
            kind=kinds.get(opinion.check, ""),
            check=opinion.check,
            weight=min(1.0, addend.weight * opinion.points),
            what=opinion.what,
            line=opinion.line,
            source=addend.kind,
        )
        for addend, opinion in zip(suspect.addends, suspect.opinions, strict=True)
        if opinion.what and minor == (addend.weight < DECISIVE)
    ]
    return sorted(clues, key=lambda clue: -clue.weight)


def _cause(
    suspect: Suspect,
    fault: Fault,
    clues: Sequence[Clue],
    lines: tuple[CauseLine, ...],
    *,
    cluster: int,
    rank_group: int,
    members: tuple[str, ...],
) -> Cause:
    function = suspect.function
    return Cause(
        path=function.path,
        function=function.function,
        line=function.line,
        end_line=function.end_line,
        lines=lines,
        score=suspect.score,
        rank_group=rank_group,
        kinds=tuple(sorted({clue.kind for clue in clues})),
        members=members,
        evidence=one_of_each_kind_first(clues)[:MOST_EVIDENCE],
        addends=suspect.addends,
        agreeing=suspect.agreeing,
        failures=tuple(check.nodeid for check in fault.failing),
        cluster=cluster,
    )


def _name(function: FunctionRange) -> str:
    return f"{function.path}::{function.function}" if function.function else function.path
