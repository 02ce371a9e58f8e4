"""Checks whose work began before the run, and which of them fit its plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from pytest_parallel_agents.model.hosts import LOCAL, Host
from pytest_parallel_agents.model.plan import Plan
from pytest_parallel_agents.scheduling.hosts import Hosts
from pytest_parallel_agents.scheduling.locks import Locks, Wanted


class Work(msgspec.Struct, frozen=True):
    """The work of a check, which has taken `seconds` by now or until it was over."""

    seconds: float
    is_over: bool


class Begun(msgspec.Struct, frozen=True):
    """Checks whose work is still `running`, and those whose work is over, by index."""

    running: tuple[int, ...] = ()
    over: tuple[int, ...] = ()

    @property
    def checks(self) -> frozenset[int]:
        return frozenset((*self.running, *self.over))


class LocalLocks:
    """The locks of work on this machine. `capacities`: how many may write each at once."""

    def __init__(self, capacities: Mapping[str, int]) -> None:
        self._locks = Locks(capacities, ())
        self._host = Hosts([Host(cpus=1, workers=1)]).live[LOCAL]

    def admit(self, wanted: Wanted) -> bool:
        """Acquires them if nothing excludes that."""
        if self._locks.blocker(wanted, self._host) is not None:
            return False
        self._locks.acquire(wanted, self._host)
        return True

    def release(self, wanted: Wanted) -> None:
        self._locks.release(wanted, self._host)


def fitting(plan: Plan, work: Mapping[int, Work], *, cpus: int) -> Begun:
    """Those that may count in this plan, of checks by index. The others must run when their turn comes.

    A check counts if it waits for no other, spends nothing of a budget, has no time limit that its work has exceeded,
    and does not conflict with another one that runs too.
    """
    alone = {lane[0] for lane in plan.lanes if len(lane) == 1}
    fit = [index for index, one in work.items() if index in alone and _may_begin(plan, index, one)]
    running = _compatible(plan, [index for index in fit if not work[index].is_over], cpus)
    return Begun(running=tuple(running), over=tuple(index for index in fit if work[index].is_over))


def _may_begin(plan: Plan, index: int, work: Work) -> bool:
    check = plan.checks[index]
    if check.alone or plan.predecessors.get(index) or index in plan.reserves:
        return False
    return not work.is_over or check.timeout is None or work.seconds < check.timeout


def _compatible(plan: Plan, checks: list[int], cpus: int) -> Iterator[int]:
    locks = LocalLocks(plan.capacities)
    for index in checks:
        claim = plan.checks[index].cpus
        if claim <= cpus and locks.admit(plan.locks.get(index, ())):
            cpus -= claim
            yield index
