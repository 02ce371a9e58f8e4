"""Failed attempts with a pending retry: kept until their check is over, and reported with its last attempt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
import pytest

from pytest_parallel_agents.compat.xdist import WorkerNode
from pytest_parallel_agents.controller.results.outcome_writer import Span


class FinishedAttempt(msgspec.Struct, frozen=True):
    """One attempt."""

    node: WorkerNode
    span: Span
    reports: Sequence[pytest.TestReport]

    @property
    def worker(self) -> str:
        """The name of the worker that made it."""
        return str(self.node.gateway.id)


class PendingRetries:
    """By check. Iterates over those that are to be retried."""

    def __init__(self) -> None:
        self._failed: dict[int, list[FinishedAttempt]] = {}

    def __iter__(self) -> Iterator[int]:
        return iter(tuple(self._failed))

    def add(self, check: int, attempted: FinishedAttempt) -> None:
        self._failed.setdefault(check, []).append(attempted)

    def tried(self, check: int) -> int:
        """How often the check has failed so far."""
        return len(self._failed.get(check, ()))

    def of(self, lanes: Iterable[Sequence[int]]) -> tuple[tuple[int, int], ...]:
        """The checks of these lanes that have been tried, and how often."""
        if not self._failed:
            return ()
        return tuple((check, self.tried(check)) for lane in lanes for check in lane if check in self._failed)

    def take(self, check: int) -> Sequence[FinishedAttempt]:
        """Removes and returns the failed attempts of a check that will not be retried."""
        return self._failed.pop(check, ())
