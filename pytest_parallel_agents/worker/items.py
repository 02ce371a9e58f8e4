"""The pytest items of checks in a worker: inherited by a fork, collected anew by a fresh interpreter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Protocol

import pytest

from pytest_parallel_agents.early_bound import builtins
from pytest_parallel_agents.worker.parameters import unlike_others

__builtins__ = builtins


class Items(Protocol):
    """Finds the pytest items of checks."""

    def find(self, check: int) -> pytest.Item:
        """The item of a check. Raises LookupError, whose text goes into an error report."""

    def neighbour(self, check: int) -> pytest.Item | None:
        """The item that was collected after this check, or before the last one; None if it is the only one."""


class InheritedItems:
    """A forked worker's items: the controller's own."""

    def __init__(self, items: Sequence[pytest.Item]) -> None:
        self._items = items

    def find(self, check: int) -> pytest.Item:
        return self._items[check]

    def neighbour(self, check: int) -> pytest.Item | None:
        return _neighbour(self._items, check)


class CollectedItems:
    """Items that a fresh interpreter has collected, found by the controller's node ids.

    `nodeids` are the controller's, in its order; `failures` are the texts of collectors that failed here, by node id.
    """

    def __init__(self, items: Sequence[pytest.Item], nodeids: Sequence[str], failures: Mapping[str, str]) -> None:
        found = dict(zip(_numbered(item.nodeid for item in items), items, strict=True))
        self._items = [found.get(key) for key in _numbered(nodeids)]
        self._nodeids = nodeids
        self._failures = failures
        self._refused: Mapping[int, str] = {}

    def compare(self, worker: str, path: Path) -> None:
        """Refuses from now on checks whose parameters differ from those of the first `worker` that wrote to `path`."""
        self._refused = unlike_others(worker, self._items, self._nodeids, path)

    def find(self, check: int) -> pytest.Item:
        item = self._items[check]
        if item is None:
            raise LookupError(f"{self._nodeids[check]} could not be collected by this worker\n{self._reason(check)}")
        if check in self._refused:
            raise LookupError(self._refused[check])
        return item

    def neighbour(self, check: int) -> pytest.Item | None:
        return _neighbour(self._items, check)

    def _reason(self, check: int) -> str:
        path = self._nodeids[check].partition("::")[0]
        for nodeid, text in self._failures.items():
            if path == nodeid.partition("::")[0] or path.startswith(f"{nodeid}/"):
                return text
        return "the controller has collected it, but not this worker: is its parametrization random?"


def _neighbour(items: Sequence[pytest.Item | None], check: int) -> pytest.Item | None:
    places = chain(range(check + 1, len(items)), range(check - 1, -1, -1))
    return next((item for place in places if (item := items[place]) is not None), None)


def _numbered(nodeids: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Each node id with the number of equal ones before it: several items may have the same."""
    seen: Counter[str] = Counter()
    for nodeid in nodeids:
        yield nodeid, seen[nodeid]
        seen[nodeid] += 1
