"""What the sync strategies make of the ends of checks: failures that may count for nothing are held back until their
groups are decided, and members that are no longer needed are cancelled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec
import pytest

from pytest_parallel_agents.collection.groups import RUN
from pytest_parallel_agents.compat.xdist import WorkerNode
from pytest_parallel_agents.controller.replay import Replay
from pytest_parallel_agents.controller.results import ResultStore
from pytest_parallel_agents.model import Group, GroupResult, Outcome
from pytest_parallel_agents.scheduling.quorum import Decision, Quorum


class _Withheld(msgspec.Struct, frozen=True):
    node: WorkerNode
    reports: Sequence[pytest.TestReport]


class GroupOutcomes:
    """Stands between the ends of checks and those who are told of them.

    `cancel` is called with members that need not run or go on.
    """

    def __init__(
        self, groups: Iterable[Group], store: ResultStore, replay: Replay, cancel: Callable[[tuple[int, ...]], None]
    ) -> None:
        self._quorum = Quorum(groups)
        self._store = store
        self._replay = replay
        self._cancel = cancel
        self._withheld: dict[int, _Withheld] = {}
        self._decisions: dict[str, Decision] = {}
        self._reasons: dict[int, str] = {}

    def concern(self, check: int) -> bool:
        return self._quorum.concerns(check)

    def ended(self, check: int, node: WorkerNode, reports: Sequence[pytest.TestReport]) -> None:
        """A member has ended and the ledger knows how. Tells its reports now or when it is certain what they mean."""
        outcome = self._store.result(check).outcome
        if outcome.bad:
            self._withheld[check] = _Withheld(node, reports)
        else:
            self._replay.tell(check, node, reports)
        self._count(check, passed=outcome.good)

    def cancelled(self, check: int, node: WorkerNode | None = None) -> None:
        """A cancelled member was dropped, or killed on its worker."""
        reason = self._reasons.get(check, "cancelled")
        self._store.end(check, Outcome.CANCELLED, reason)
        self._replay.skip(check, node, reason)
        self._count(check, passed=False)

    def close(self) -> None:
        """The run is over: what is still held back counts."""
        for check in list(self._withheld):
            self._let_out(check, excused=bool(self._quorum.excuses(check)))

    def results(self, groups: Iterable[Group]) -> tuple[GroupResult, ...]:
        """What became of each group."""
        return tuple(map(self._result, groups))

    def _count(self, check: int, *, passed: bool) -> None:
        decisions = self._quorum.ended(check, passed=passed)
        for decision in decisions:
            self._decisions[decision.group.name] = decision
            for member in decision.cancelled:
                self._reasons.setdefault(member, f"cancelled: {self._why(decision)}")
            if decision.cancelled:
                self._cancel(decision.cancelled)
        for withheld in list(self._withheld):
            excused = self._quorum.excuses(withheld)
            if excused is not None:
                self._let_out(withheld, excused=excused)

    def _let_out(self, check: int, *, excused: bool) -> None:
        withheld = self._withheld.pop(check)
        if not excused:
            self._replay.tell(check, withheld.node, withheld.reports)
            return
        result = self._store.result(check)
        met = (found for found in self._decisions.values() if found.met and check in found.group.members)
        why = self._why(next(met))
        headline = result.message.partition("\n")[0]
        self._replay.skip(check, withheld.node, f"{result.outcome}, which does not count: {why} ({headline})")

    def _why(self, decision: Decision) -> str:
        group = decision.group
        name = "the run" if group.name == RUN else f"group {group.name!r}"
        what = f"{name} (wait {group.wait})"
        if decision.met:
            return f"{what} was met by {self._store.check(decision.by).nodeid}"
        return f"{what} can no longer be met: {decision.passes} passed, {group.needed} are needed"

    def _result(self, group: Group) -> GroupResult:
        decision = self._decisions.get(group.name)
        if decision is not None:
            by = self._store.check(decision.by).nodeid
            return GroupResult(group=group, passed=decision.met, decided_by=by, reason=self._why(decision))
        return GroupResult(group=group, passed=group.needed is None and all_well(group, self._store))


def all_well(group: Group, store: ResultStore) -> bool:
    """Whether no member has ended badly."""
    return not any(store.result(member).outcome.bad for member in group.members)
