"""The sync strategies: failures that may not count are withheld until their groups are decided, and members that are no
longer needed are cancelled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
import pytest

from pytest_parallel_agents.collection.groups import RUN
from pytest_parallel_agents.compat.xdist import WorkerNode
from pytest_parallel_agents.controller.results.store import ResultStore
from pytest_parallel_agents.model import Group, GroupResult
from pytest_parallel_agents.scheduling.quorum import Decision, Quorum


class Withheld(msgspec.Struct, frozen=True):
    """The reports of a member that failed, which are not shown yet. `excuse` is why they do not count, empty when they
    do.
    """

    check: int
    node: WorkerNode
    reports: Sequence[pytest.TestReport]
    excuse: str = ""


class GroupOutcomes:
    """Counts the ends of members. Results are read from the `store`, where each must be before it is counted."""

    def __init__(self, groups: Iterable[Group], store: ResultStore) -> None:
        self._groups = tuple(groups)
        self._quorum = Quorum(self._groups)
        self._store = store
        self._withheld: dict[int, Withheld] = {}
        self._decisions: dict[str, Decision] = {}
        self._reasons: dict[int, str] = {}

    def concerns(self, check: int) -> bool:
        """Whether the check is a member of a group that waits for fewer than all."""
        return self._quorum.concerns(check)

    def withhold(self, check: int, node: WorkerNode, reports: Sequence[pytest.TestReport]) -> None:
        """Withholds the reports of a member that failed until it is certain whether they count."""
        self._withheld[check] = Withheld(check, node, reports)

    def count(self, check: int, *, passed: bool) -> tuple[int, ...]:
        """A member has ended. Returns members that need not run or go on."""
        cancelled: dict[int, None] = {}
        for decision in self._quorum.ended(check, passed=passed):
            self._decisions[decision.group.name] = decision
            cancelled.update(dict.fromkeys(decision.cancelled))
            for member in decision.cancelled:
                self._reasons.setdefault(member, f"cancelled: {self._why(decision)}")
        return tuple(cancelled)

    def cancel_reason(self, check: int) -> str:
        """Why a member was cancelled."""
        return self._reasons.get(check, "cancelled")

    def release(self, *, at_end: bool = False) -> Iterator[Withheld]:
        """Removes and returns reports that need not be withheld any longer; `at_end` of the run all of them, and
        undecided ones count.
        """
        for check, withheld in list(self._withheld.items()):
            is_excused = self._quorum.excuses(check)
            if is_excused is not None or at_end:
                del self._withheld[check]
                yield msgspec.structs.replace(withheld, excuse=self._excuse(check)) if is_excused else withheld

    def results(self) -> tuple[GroupResult, ...]:
        """The result of each group."""
        return tuple(map(self._result, self._groups))

    def _excuse(self, check: int) -> str:
        result = self._store.result(check)
        met = (decision for decision in self._decisions.values() if decision.met and check in decision.group.members)
        headline = result.message.partition("\n")[0]
        return f"{result.outcome}, which does not count: {self._why(next(met))} ({headline})"

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
            return GroupResult(group=group, passed=decision.met, decided_by=by)
        return GroupResult(group=group, passed=group.needed is None and all_well(group, self._store))


def all_well(group: Group, store: ResultStore) -> bool:
    """Whether no member has ended badly."""
    return not any(store.outcome(member).bad for member in group.members)
