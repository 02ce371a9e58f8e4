"""Mutants of modules: faults of known kinds at known places. Pure.

Each differs from its original by one edit of the text, so that everything else keeps its look and, mostly, its line.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise, zip_longest

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
    """What candidates make together. `edited`: the whole mutated text by path; `changes`: where it is wrong."""

    candidates: tuple[Candidate, ...]
    edited: Mapping[str, bytes]
    changes: tuple[Change, ...]


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


def mutant(chosen: Sequence[Candidate], texts: Mapping[str, bytes]) -> Mutant | None:
    """`texts`: the originals by path. None where the edits give no Python, or overlap: the grammar has corners that an
    edit of its text does not know.
    """
    edited, changes = dict[str, bytes](), list[Change]()
    for path in sorted({each.path for each in chosen}):
        of_file = sorted((each for each in chosen if each.path == path), key=lambda each: each.edit.start)
        if any(left.edit.end > right.edit.start for left, right in pairwise(of_file)):
            return None
        edited[path] = _edited(of_file, texts[path])
        if not _is_python(edited[path], path):
            return None
        changes += _changes(of_file, texts[path])
    return Mutant(candidates=tuple(chosen), edited=edited, changes=tuple(changes))


def _edited(of_file: Sequence[Candidate], text: bytes) -> bytes:
    for candidate in reversed(of_file):
        text = candidate.edit.applied(text)
    return text


def _is_python(text: bytes, path: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the compiler warns of code that is never written, such as `is not 0`
        try:
            compile(text, path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return False
    return True


def _changes(of_file: Sequence[Candidate], text: bytes) -> Iterator[Change]:
    """In the lines of the edited text, which edits above have moved."""
    entities = Entities({candidate.path: text.decode("utf-8") for candidate in of_file})
    moved = 0
    for candidate in of_file:
        edit, function = candidate.edit, entities.at(candidate.path, candidate.line).function
        lines = edit.lines or {candidate.line}
        yield Change(function=Function(candidate.path, function), lines=frozenset(line + moved for line in lines))
        moved += edit.text.count(b"\n") - text.count(b"\n", edit.start, edit.end)


def _functions_by_turns(found: Iterable[Candidate], rng: random.Random) -> Sequence[Candidate]:
    shuffled = list(found)
    rng.shuffle(shuffled)
    met: Counter[tuple[str, str]] = Counter()
    turns = []
    for candidate in shuffled:
        met[candidate.path, candidate.function] += 1
        turns.append((met[candidate.path, candidate.function], candidate))
    return [candidate for _, candidate in sorted(turns, key=lambda each: each[0])]
