"""Findings of a panel's members that are one: of one rule, in one function, with a line in common."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from pytest_parallel_agents.model.results import Agreement, Finding, Level

MOST_TOGETHER: Final = 300
"""Of so many findings whose lines overlap in a chain, all lines are tried. Of more only those that begin in one line
are one."""

FunctionAt = Callable[[str, int], str]
"""Takes a path and a line; returns the name of the function there, empty outside of any."""

_SEPARATORS: Final = re.compile(r"[\W_]+")


class Ballot(msgspec.Struct, frozen=True):
    """What one member has found. `grave` are those of the findings for which it would fail."""

    voter: int
    findings: Sequence[Finding]
    grave: Sequence[Finding] = ()


class _Cast(msgspec.Struct, frozen=True):
    """One finding of a voter. Lines are 0 where it names none."""

    voter: int
    finding: Finding
    is_grave: bool

    @property
    def first(self) -> int:
        return self.finding.line or 0

    @property
    def last(self) -> int:
        return max(self.first, self.finding.end_line or 0)


def agreements(ballots: Iterable[Ballot], agree: int, function_at: FunctionAt) -> tuple[Agreement, ...]:
    """Every finding of the ballots in exactly one agreement: those first that count, then by place."""
    alike: dict[tuple[str, str | None, str], list[_Cast]] = defaultdict(list)
    for ballot in ballots:
        grave = set(map(id, ballot.grave))
        for finding in ballot.findings:
            alike[_key(finding, function_at)].append(_Cast(ballot.voter, finding, id(finding) in grave))
    found = [_agreement(one, agree) for casts in alike.values() for one in _meeting(casts)]
    return tuple(sorted(found, key=lambda each: (not each.counts, -len(each.voters), *_place(each.finding))))


def _key(finding: Finding, function_at: FunctionAt) -> tuple[str, str | None, str]:
    """A rule is the same in whatever way its words are separated."""
    function = "" if finding.path is None or finding.line is None else function_at(finding.path, finding.line)
    return _SEPARATORS.sub("-", finding.rule.casefold()), finding.path, function


def _meeting(casts: Iterable[_Cast]) -> Iterator[list[_Cast]]:
    """Those that have a line in common, by the lines that most voters name."""
    for chain in _chains(casts):
        left = chain
        while left:
            line = max({cast.first for cast in left}, key=lambda line: _support(left, line))
            one = [cast for cast in left if cast.first <= line <= cast.last]
            yield one
            left = [cast for cast in left if not cast.first <= line <= cast.last]


def _chains(casts: Iterable[_Cast]) -> Iterator[list[_Cast]]:
    """Splits where no lines overlap."""
    chain: list[_Cast] = []
    reach = -1
    for cast in sorted(casts, key=lambda cast: (cast.first, cast.last, cast.voter)):
        is_long = len(chain) >= MOST_TOGETHER and cast.first != chain[-1].first
        if chain and (cast.first > reach or is_long):
            yield chain
            chain, reach = [], -1
        chain.append(cast)
        reach = max(reach, cast.last)
    if chain:
        yield chain


def _support(casts: Iterable[_Cast], line: int) -> tuple[int, int, int]:
    naming = [cast for cast in casts if cast.first <= line <= cast.last]
    grave = {cast.voter for cast in naming if cast.is_grave}
    return len(grave), len({cast.voter for cast in naming}), -line


def _agreement(casts: Sequence[_Cast], agree: int) -> Agreement:
    gravest: dict[int, Level] = {}
    for cast in casts:
        known = gravest.get(cast.voter, Level.NOTE)
        gravest[cast.voter] = max(known, cast.finding.level, key=lambda level: level.severity)
    grave = {cast.voter for cast in casts if cast.is_grave}
    counts = len(grave) >= agree
    levels = sorted((gravest[voter] for voter in (grave if counts else gravest)), key=lambda level: -level.severity)
    level = levels[agree - 1] if len(levels) >= agree else Level.NOTE
    first = min(casts, key=lambda cast: (-cast.finding.level.severity, cast.voter))
    return Agreement(
        finding=replace(first.finding, level=level, votes=len(gravest)),
        sightings=tuple((cast.voter, cast.finding) for cast in casts),
        counts=counts,
    )


def _place(finding: Finding) -> tuple[str, int, str]:
    return finding.path or "", finding.line or 0, finding.rule
