"""One sum per function and per statement, of which every addend can be shown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final

import msgspec
from msgspec.structs import replace

from pytest_parallel_agents.causes import Addend, CauseLine
from pytest_parallel_agents.convergence.code import TEST
from pytest_parallel_agents.convergence.fault import Fault
from pytest_parallel_agents.convergence.functions import FunctionRange
from pytest_parallel_agents.convergence.kinds.kind import EvidenceKind, Opinion, Opinions

COVERAGE: Final = "coverage"
"""The kind of evidence that others depend on."""

_DIGITS: Final = 6
"""Scores that differ by less are equal."""


class Suspect(msgspec.Struct, frozen=True, kw_only=True):
    """A function with its score, of what it is the sum, and its statements, likeliest first.

    `agreeing`: the kinds of evidence that testify and name no likelier function; none for one in a test.
    """

    function: FunctionRange
    score: float
    addends: tuple[Addend, ...]
    opinions: tuple[Opinion, ...]
    agreeing: tuple[str, ...]
    lines: tuple[CauseLine, ...]


def suspects(fault: Fault, kinds: Sequence[EvidenceKind]) -> list[tuple[Suspect, ...]]:
    """The functions under suspicion in groups of equal score, likeliest first."""
    opinions = _of_executed({kind.name: kind.opinions(fault) for kind in kinds}, kinds)
    most = {
        kind.name: max([each.counted for each in opinions[kind.name].functions.values()], default=0.0)
        for kind in kinds
        if kind.testifies and fault.role != TEST  # all kinds name a failed test: that it agrees with itself is no news
    }
    functions = {function for of in opinions.values() for function in of.functions}
    lines = _lines(fault, kinds, opinions)
    found = [_suspect(function, kinds, opinions, most, lines.get(function, ())) for function in functions]
    found.sort(key=lambda each: (-each.score, each.function.path, each.function.line, each.function.function))
    return [tuple(tied) for _, tied in groupby(found, key=lambda each: each.score)]


def _of_executed(opinions: Mapping[str, Opinions], kinds: Sequence[EvidenceKind]) -> Mapping[str, Opinions]:
    """A name or a frame says little of code that most passing checks execute, too, so it counts by the square of the
    function's coverage. That of Ochiai is precision x recall: of what executes it the share that fails, and of what
    fails the share that executes it.
    """
    executed = opinions[COVERAGE].functions if COVERAGE in opinions else {}
    dependent = {kind.name for kind in kinds if kind.weight.of_executed}
    return {name: _multiplied(of, executed) if name in dependent else of for name, of in opinions.items()}


def _multiplied(opinions: Opinions, executed: Mapping[FunctionRange, Opinion]) -> Opinions:
    functions = {
        function: replace(opinion, counts=executed[function].points ** 2)
        for function, opinion in opinions.functions.items()
        if function in executed
    }
    return replace(opinions, functions={**opinions.functions, **functions})


def _suspect(
    function: FunctionRange,
    kinds: Sequence[EvidenceKind],
    opinions: Mapping[str, Opinions],
    most: Mapping[str, float],
    lines: Sequence[CauseLine],
) -> Suspect:
    named = [(kind, opinion) for kind in kinds if (opinion := opinions[kind.name].functions.get(function)) is not None]
    addends = tuple(
        Addend(kind=kind.name, weight=kind.weight.function, points=round(opinion.counted, _DIGITS))
        for kind, opinion in named
    )
    return Suspect(
        function=function,
        score=_score(addend.weight * addend.points for addend in addends),
        addends=addends,
        opinions=tuple(opinion for _, opinion in named),
        agreeing=tuple(
            kind.name for kind, opinion in named if kind.name in most and opinion.counted >= most[kind.name] > 0
        ),
        lines=tuple(sorted(lines, key=lambda each: (-each.score, each.line))),
    )


def _lines(
    fault: Fault, kinds: Sequence[EvidenceKind], opinions: Mapping[str, Opinions]
) -> Mapping[FunctionRange, list[CauseLine]]:
    """The statements that any kind names, by the functions that they count for."""
    places = {place for of in opinions.values() for place in of.lines}
    found: dict[FunctionRange, list[CauseLine]] = {}
    for place in places:
        statement = fault.code.statement(*place)
        executed = place in fault.executions
        function = fault.code.executing(place.path, statement) if executed else fault.code.function(*place)
        score = _score(
            kind.weight.line * opinions[kind.name].lines.get(place, 0.0)
            + kind.weight.inherited * _points(opinions[kind.name], function)
            for kind in kinds
        )
        line = CauseLine(line=place.line, end_line=statement.end_line, score=score)
        found.setdefault(function, []).append(line)
    return found


def _points(opinions: Opinions, function: FunctionRange) -> float:
    opinion = opinions.functions.get(function)
    return 0.0 if opinion is None else opinion.counted


def _score(addends: Iterable[float]) -> float:
    return round(math.fsum(addends), _DIGITS)
