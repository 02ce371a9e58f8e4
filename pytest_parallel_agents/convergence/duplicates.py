"""Findings of several checks that are one, and should be reported once.

Two checks that point at one line mostly mean the same, whatever words they use. Two findings of one check are never the
same, so at most one finding of each check goes into one. Where there is a choice, and where lines overlap without
beginning in the same one, the words decide.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import Final, Generic, Protocol, TypeVar

import msgspec

from pytest_parallel_agents.model.results import Level

ALIKE: Final = 0.5
"""The share of their words that two findings must have in common to mean the same at lines that only overlap."""

MOST_PAIRS: Final = 10_000
"""How many pairs are compared at one line: a file of a single line may have any number of findings."""

_WORD: Final = re.compile(r"[^\W\d_]+")


class Located(Protocol):
    """The fields of a finding that are compared."""

    @property
    def rule(self) -> str: ...

    @property
    def level(self) -> Level: ...

    @property
    def message(self) -> str: ...

    @property
    def path(self) -> str | None: ...

    @property
    def line(self) -> int | None: ...

    @property
    def end_line(self) -> int | None: ...


Found = TypeVar("Found", bound=Located)


class Sighting(msgspec.Struct, Generic[Found], frozen=True):
    """A finding, with the node id and the name of the check that made it."""

    check: str
    name: str
    finding: Found

    @property
    def words(self) -> frozenset[str]:
        return _words(f"{self.finding.rule} {self.finding.message}")

    @property
    def last_line(self) -> int:
        return max(self.finding.line or 0, self.finding.end_line or 0)


def merged(sightings: Iterable[Sighting[Found]]) -> tuple[tuple[Sighting[Found], ...], ...]:
    """Every sighting once, those that are one together: the gravest first, which represents all.

    In the order of their files, whatever order they come in.
    """
    files: dict[str | None, list[Sighting[Found]]] = defaultdict(list)
    for sighting in sorted(sightings, key=_order):
        files[sighting.finding.path].append(sighting)
    return tuple(
        tuple(sorted(one, key=_gravest_first))
        for path, in_file in files.items()
        for one in ([[each] for each in in_file] if path is None else _merged_in_file(in_file))
    )


def likeness(one: Sighting[Found], other: Sighting[Found]) -> float:
    """0 when they have no word in common, 1 when all or the rule."""
    if one.finding.rule == other.finding.rule:
        return 1.0
    return len(one.words & other.words) / (len(one.words | other.words) or 1)


@lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))


def _merged_in_file(sightings: Iterable[Sighting[Found]]) -> Iterator[list[Sighting[Found]]]:
    lines: dict[int | None, list[Sighting[Found]]] = defaultdict(list)
    for sighting in sightings:
        lines[sighting.finding.line].append(sighting)
    open_ones: list[list[Sighting[Found]]] = []
    for line, in_line in lines.items():
        yield from (one for one in open_ones if not _reaches(one, line))
        open_ones = [one for one in open_ones if _reaches(one, line)]
        ones: list[list[Sighting[Found]]] = []
        for of_check in _by_check(in_line):
            rest = _join(open_ones, of_check, ALIKE)
            rest = _join(ones, rest, ALIKE if line is None else 0.0)
            ones += [[sighting] for sighting in rest]
        open_ones += ones
    yield from open_ones


def _join(
    ones: Sequence[list[Sighting[Found]]], sightings: Sequence[Sighting[Found]], least: float
) -> list[Sighting[Found]]:
    """Add each of one check's sightings to the one it is most like; return those that fit nowhere."""
    if len(ones) * len(sightings) > MOST_PAIRS:
        return list(sightings)
    pairs = [(likeness(one[0], sighting), one, sighting) for one, sighting in product(ones, sightings)]
    left = list(sightings)
    for like, one, sighting in sorted(pairs, key=lambda pair: -pair[0]):
        is_free = sighting in left and all(each.check != sighting.check for each in one)
        if is_free and like >= least:
            one.append(sighting)
            left.remove(sighting)
    return left


def _by_check(sightings: Iterable[Sighting[Found]]) -> Iterable[list[Sighting[Found]]]:
    checks: dict[str, list[Sighting[Found]]] = defaultdict(list)
    for sighting in sightings:
        checks[sighting.check].append(sighting)
    return checks.values()


def _reaches(one: list[Sighting[Found]], line: int | None) -> bool:
    return line is not None and one[0].last_line >= line


def _order(sighting: Sighting[Found]) -> tuple[str, int, tuple[int, str, str, str, int]]:
    return (sighting.finding.path or "", sighting.finding.line or 0, _gravest_first(sighting))


def _gravest_first(sighting: Sighting[Found]) -> tuple[int, str, str, str, int]:
    found = sighting.finding
    return (-found.level.severity, sighting.check, found.rule, found.message, found.end_line or 0)
