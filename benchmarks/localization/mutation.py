"""Mutants of modules: faults of known kinds at known places. Pure.

Each differs from its original by one edit of the text, so that everything else keeps its look and, mostly, its line.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from benchmarks.localization.edits import KINDS
from benchmarks.localization.faults import Change, Function
from benchmarks.localization.sites import Edit, Module
from pytest_parallel_agents.convergence.functions import Entities
from pytest_parallel_agents.early_bound import warnings


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An edit that may make a mutant of the file at `path`. `line` is the original's; `function` holds it."""

    kind: str
    path: str
    line: int
    function: str
    edit: Edit

    @property
    def name(self) -> str:
        return f"{self.path}:{self.line}:{self.edit.start} {self.kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A candidate that compiles: the whole mutated file, and where it is wrong."""

    candidate: Candidate
    text: bytes
    change: Change


def seeded(*seed: object) -> random.Random:
    """Draws the same for the same seed, on every Python."""
    return random.Random("/".join(map(str, seed)))  # noqa: S311


def candidates(path: str, text: bytes, executed: Container[int], rng: random.Random) -> Iterator[Candidate]:
    """What could be done to the executed lines of a module, in the order of its text.

    `rng` chooses among the wrong variables of a place. Raises SyntaxError and ValueError when the text is no Python.
    """
    module = Module(text)
    for site in module.sites():
        for kind, edits in KINDS.items():
            for edit in edits(module, site, rng):
                line = module.line_at(edit.start)
                if line in executed:
                    function = site.function.name if site.function is not None else ""
                    yield Candidate(kind=kind, path=path, line=line, function=function, edit=edit)


def varied(found: Iterable[Candidate], rng: random.Random) -> Iterator[Candidate]:
    """At random, but kinds by turns, and each function once before any comes twice."""
    by_kind: Mapping[str, list[Candidate]] = defaultdict(list)
    for candidate in _functions_by_turns(found, rng):
        by_kind[candidate.kind].append(candidate)
    rows = zip_longest(*(by_kind[kind] for kind in sorted(by_kind)))
    return (candidate for candidate in chain.from_iterable(rows) if candidate is not None)


def mutant(candidate: Candidate, text: bytes) -> Mutant | None:
    """None where the edit gives no Python: the grammar has corners that an edit of its text does not know."""
    mutated = candidate.edit.applied(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the compiler warns of what no one would write, such as `is not 0`
        try:
            compile(mutated, candidate.path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return None
    lines = candidate.edit.lines or frozenset({candidate.line})
    owner = Entities({candidate.path: mutated.decode("utf-8")}).at(candidate.path, max(lines))
    function = Function(candidate.path, owner.function)
    return Mutant(candidate=candidate, text=mutated, change=Change(function=function, lines=lines))


def _functions_by_turns(found: Iterable[Candidate], rng: random.Random) -> Sequence[Candidate]:
    shuffled = list(found)
    rng.shuffle(shuffled)
    met: Counter[tuple[str, str]] = Counter()
    turns = []
    for candidate in shuffled:
        met[candidate.path, candidate.function] += 1
        turns.append((met[candidate.path, candidate.function], candidate))
    return [candidate for _, candidate in sorted(turns, key=lambda each: each[0])]
