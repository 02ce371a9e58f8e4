"""What the entries of `after` name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches

from pytest_parallel_agents.model import Check

Where = Callable[[Check, str], str]
"""Tells where the user has written one argument of a check: the file and the line, or the table."""

_NEAREST = 3


class Names:
    """Finds checks by node id, by name, by either without its parameters, or by kind: the first that matches."""

    def __init__(self, checks: Iterable[Check]) -> None:
        self._tables = [
            _table(checks, lambda check: check.nodeid),
            _table(checks, lambda check: check.name),
            _table(checks, lambda check: without_parameters(check.nodeid)),
            _table(checks, lambda check: without_parameters(check.name)),
        ]
        self._kinds = _table(checks, lambda check: check.kind)

    def find(self, name: str, asker: Check) -> tuple[int, ...]:
        """The indices of the checks that bear `name`, as collected. A kind means all of that kind except the asker."""
        for table in self._tables:
            if name in table:
                return table[name]
        found = self._kinds.get(name, ())
        return found if name != asker.kind else tuple(index for index in found if index != asker.index)

    def nearest(self, name: str, others: Iterable[str]) -> list[str]:
        """Names like `name` that checks or `others` bear, the most similar first."""
        borne = set(others).union(self._kinds, *self._tables)
        return get_close_matches(name, sorted(borne), n=_NEAREST)


def without_parameters(name: str) -> str:
    """`test_a[x-1]` → `test_a`."""
    return name.partition("[")[0] if name.endswith("]") else name


def _table(checks: Iterable[Check], name: Callable[[Check], str]) -> Mapping[str, tuple[int, ...]]:
    table: dict[str, list[int]] = defaultdict(list)
    for check in checks:
        table[name(check)].append(check.index)
    return {borne: tuple(indices) for borne, indices in table.items()}
