"""Which passing checks tell most about failures, when what they execute can be compared with what failed.

First those in the files of failing checks, then those whose files import what failing checks executed or whose names
have words of it, an import counting the more the fewer files have it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Final

import msgspec

_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_SHORTEST_WORD: Final = 3
_SAID_BY_ALL: Final = frozenset({"test", "tests", "init", "main", "self", "src"})


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A passing check: its index, the path of its file, and how many seconds it took."""

    check: int
    nodeid: str
    path: str
    seconds: float


def most_telling(
    candidates: Iterable[Candidate],
    *,
    failing: Collection[str],
    suspects: Collection[str],
    imports: Mapping[str, Collection[str]],
) -> tuple[Candidate, ...]:
    """All of them, the most telling first.

    `failing`: node ids of failing checks. `suspects`: paths that these executed. `imports`: what
    each test file imports.
    """
    files = {nodeid.partition("::")[0] for nodeid in failing}
    importers = Counter(path for imported in imports.values() for path in imported)
    met = {
        path: sum(1 / importers[each] for each in imported if each in suspects) for path, imported in imports.items()
    }
    most = max(met.values(), default=0.0) or 1.0
    wanted = words(*suspects, *failing)

    def rank(candidate: Candidate) -> tuple[bool, float, int]:
        own = words(candidate.nodeid)
        shared = len(own & wanted) / len(own) if own else 0.0
        return candidate.path not in files, -(met.get(candidate.path, 0.0) / most + shared), candidate.check

    return tuple(sorted(candidates, key=rank))


def words(*names: str) -> frozenset[str]:
    """The words of paths, node ids and names, in lower case, without those that nearly all have."""
    found = {word.lower() for name in names for word in _WORD.findall(name.partition("[")[0])}
    return frozenset(word for word in found if len(word) >= _SHORTEST_WORD and word not in _SAID_BY_ALL)


def fitting(ranked: Iterable[Candidate], seconds: float, *, each: float, most: int) -> tuple[Candidate, ...]:
    """Those from the front that take no more than so many seconds together, at most so many; `each` is what a check
    takes beside its own time. One that does not fit is passed over.
    """
    chosen: list[Candidate] = []
    for candidate in ranked:
        needed = candidate.seconds + each
        if needed <= seconds and len(chosen) < most:
            chosen.append(candidate)
            seconds -= needed
    return tuple(chosen)
