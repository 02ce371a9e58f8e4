"""Checks by the names that entries of `after` use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches

from pytest_parallel_agents.model.plan import Check

Where = Callable[[Check, str], str]
"""Returns where the user has written one argument of a check: the file and the line, or the table."""

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

    def find(self, name: str, asking: Check) -> tuple[int, ...]:
        """The indices of the checks with this name, as collected. A kind means all of that kind except `asking`."""
        for table in self._tables:
            if name in table:
                return table[name]
        found = self._kinds.get(name, ())
        return found if name != asking.kind else tuple(index for index in found if index != asking.index)

    def nearest(self, name: str, others: Iterable[str]) -> list[str]:
        """Known names like `name`, `others` included, the most similar first."""
        known = set(others).union(self._kinds, *self._tables)
        return get_close_matches(name, sorted(known), n=_NEAREST)


def without_parameters(name: str) -> str:
    """`test_a[x-1]` → `test_a`."""
    return name.partition("[")[0] if name.endswith("]") else name


def _table(checks: Iterable[Check], name: Callable[[Check], str]) -> Mapping[str, tuple[int, ...]]:
    table: dict[str, list[int]] = defaultdict(list)
    for check in checks:
        table[name(check)].append(check.index)
    return {known: tuple(indices) for known, indices in table.items()}
