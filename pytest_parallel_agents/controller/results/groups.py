"""The sync strategies: failures that may not count are withheld until their groups are decided, and members that are no
longer needed are cancelled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from pytest_parallel_agents.collection.groups import RUN
from pytest_parallel_agents.compat.xdist import WorkerNode
from pytest_parallel_agents.controller.results.panels import Panels
from pytest_parallel_agents.controller.results.store import ResultStore
from pytest_parallel_agents.model.plan import Group
from pytest_parallel_agents.model.results import Evidence, GroupResult
from pytest_parallel_agents.scheduling.quorum import Decision, Quorum


class Withheld(msgspec.Struct, frozen=True):
    """The reports of a member that failed, which are not shown yet. `excuse` is why they do not count, empty when they
    do. One that is `outvoted` has failed for nothing but findings, and its panel has decided otherwise.
    """

    check: int
    node: WorkerNode
    reports: Sequence[pytest.TestReport]
    excuse: str = ""
    outvoted: bool = False


class GroupOutcomes:
    """Counts the ends of members. Results are read from the `store`, where each must be before it is counted.

    `root` and `known` are those of `Panels`.
    """

    def __init__(
        self, groups: Iterable[Group], store: ResultStore, *, root: Path = Path(), known: Collection[str] = ()
    ) -> None:
        self._groups = tuple(groups)
        self._quorum = Quorum(self._groups)
        self._panels = Panels(self._groups, store, root, known)
        self._store = store
        self._withheld: dict[int, Withheld] = {}
        self._decisions: dict[str, Decision] = {}
        self._reasons: dict[int, str] = {}

    def concerns(self, check: int) -> bool:
        """Whether the check is a member of a panel, or of a group that waits for fewer than all."""
        return self._quorum.concerns(check) or self._panels.concerns(check)

    def withhold(self, check: int, node: WorkerNode, reports: Sequence[pytest.TestReport]) -> None:
        """Withholds the reports of a member that failed until it is certain whether they count."""
        self._withheld[check] = Withheld(check, node, reports)

    def count(self, check: int, *, passed: bool) -> tuple[int, ...]:
        """A member has ended. Returns members that need not run or go on."""
        cancelled = dict.fromkeys(self._panels.count(check))
        for member in cancelled:
            self._reasons.setdefault(member, f"cancelled: {self._panels.reason(member)}")
        for decision in self._quorum.ended(check, passed=passed):
            self._decisions[decision.group.name] = decision
            cancelled.update(dict.fromkeys(decision.cancelled))
            for member in decision.cancelled:
                self._reasons.setdefault(member, f"cancelled: {self._why(decision)}")
        return tuple(cancelled)

    def is_cancelled(self, check: int) -> bool:
        """Whether the check is no longer needed, though it may still run."""
        return check in self._reasons

    def cancel_reason(self, check: int) -> str:
        """Why a member was cancelled."""
        return self._reasons.get(check, "cancelled")

    def release(self, *, at_end: bool = False) -> Iterator[Withheld]:
        """Removes and returns reports that need not be withheld any longer; `at_end` of the run all of them, and
        undecided ones count.
        """
        for check, withheld in list(self._withheld.items()):
            in_panel = self._panels.concerns(check)
            is_excused = self._panels.excuses(check) if in_panel else self._quorum.excuses(check)
            if is_excused is not None or at_end:
                del self._withheld[check]
                yield self._excused(withheld, in_panel=in_panel) if is_excused else withheld

    def weighed(self) -> Iterator[tuple[int, Evidence]]:
        """The evidence of members of panels as it is after the vote."""
        return self._panels.weighed()

    def results(self) -> tuple[GroupResult, ...]:
        """The result of each group."""
        return tuple(map(self._result, self._groups))

    def _excused(self, withheld: Withheld, *, in_panel: bool) -> Withheld:
        check, result = withheld.check, self._store.result(withheld.check)
        met = (decision for decision in self._decisions.values() if decision.met and check in decision.group.members)
        why = self._panels.reason(check) if in_panel else self._why(next(met))
        headline = result.message.partition("\n")[0]
        excuse = f"{result.outcome}, which does not count: {why} ({headline})"
        outvoted = in_panel and self._panels.outvotes(check)
        return msgspec.structs.replace(withheld, excuse=excuse, outvoted=outvoted)

    def _why(self, decision: Decision) -> str:
        group = decision.group
        name = "the run" if group.name == RUN else f"group {group.name!r}"
        what = f"{name} (wait {group.wait})"
        if decision.met:
            return f"{what} was met by {self._store.check(decision.by).nodeid}"
        return f"{what} can no longer be met: {decision.passes} passed, {group.needed} are needed"

    def _result(self, group: Group) -> GroupResult:
        if group.agree is not None:
            return self._panels.result(group)
        decision = self._decisions.get(group.name)
        if decision is not None:
            by = self._store.check(decision.by).nodeid
            return GroupResult(group=group, passed=decision.met, decided_by=by)
        return GroupResult(group=group, passed=group.needed is None and _all_well(group, self._store))


def undistributed_result(group: Group, store: ResultStore) -> GroupResult:
    """The result of a group in a run without workers, in which no panel decides."""
    return GroupResult(group=group, passed=_all_well(group, store) if group.agree is None else None)


def _all_well(group: Group, store: ResultStore) -> bool:
    """Whether no member has ended badly."""
    return not any(store.outcome(member).bad for member in group.members)
