"""What the scheduler is made of, put together for one plan."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from pytest_parallel_agents.model import Group, Plan
from pytest_parallel_agents.scheduling.admission import Admission
from pytest_parallel_agents.scheduling.barriers import Barriers
from pytest_parallel_agents.scheduling.batches import Batches, find_plain
from pytest_parallel_agents.scheduling.capacity import Capacity
from pytest_parallel_agents.scheduling.command_buffer import CommandBuffer
from pytest_parallel_agents.scheduling.cuts import Cuts
from pytest_parallel_agents.scheduling.dispatch import Dispatch
from pytest_parallel_agents.scheduling.ends import Ends
from pytest_parallel_agents.scheduling.foresight import Foresight
from pytest_parallel_agents.scheduling.lanes import Lanes
from pytest_parallel_agents.scheduling.long_parts import LongParts
from pytest_parallel_agents.scheduling.outlook import Outlook, outlook
from pytest_parallel_agents.scheduling.patience import Patience
from pytest_parallel_agents.scheduling.pool import Pool


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """`seams` are the checks at which a part of a stretch begins."""

    seams: Container[int]
    lanes: Lanes
    pool: Pool
    admission: Admission
    batches: Batches
    cuts: Cuts
    patience: Patience
    commands: CommandBuffer
    dispatch: Dispatch
    foresight: Foresight
    ends: Ends


def assemble(
    plan: Plan,
    *,
    estimates: Mapping[int, float],
    cpus: int,
    max_workers: int,
    groups: Sequence[Group],
    in_order: bool,
    ahead: bool,
) -> Parts:
    """The arguments are those of `Scheduler`."""
    capacity = Capacity(plan, cpus=cpus, workers=max_workers)
    racing = [group.members for group in groups if group.needed is not None]
    plain = find_plain(plan, capacity).difference(*racing)  # one at a time, so that none runs in vain
    expected = outlook(plan, estimates, plain, racing=racing, cpus=cpus, in_order=in_order)
    lanes = Lanes(expected.found.lanes, expected.stretches, expected.found.seams)
    basis = _basis(plan, expected, plain, capacity, Pool(max_workers, ahead=ahead))
    dispatch = _dispatch(basis, len(lanes), cpus=cpus, long=LongParts(expected.long_parts, cpus=cpus))
    pool, commands = basis.pool, basis.commands
    return Parts(
        seams=expected.found.seams,
        lanes=lanes,
        pool=pool,
        admission=basis.admission,
        batches=basis.batches,
        cuts=basis.cuts,
        patience=Patience(reason=expected.calls_for_patience),
        commands=commands,
        dispatch=dispatch,
        foresight=Foresight(lanes, dispatch=dispatch, pool=pool, commands=commands),
        ends=_ends(basis, len(plan.checks), capacity=capacity, dispatch=dispatch),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Basis:
    """What the dispatch of lanes stands on."""

    pool: Pool
    barriers: Barriers
    commands: CommandBuffer
    admission: Admission
    batches: Batches
    cuts: Cuts


def _basis(plan: Plan, expected: Outlook, plain: set[int], capacity: Capacity, pool: Pool) -> _Basis:
    seams = expected.found.seams
    barriers = Barriers(plan.predecessors)
    admission = Admission(plan, expected.order, expected.behind, capacity=capacity, pool=pool)
    batches = Batches(
        expected.seconds,
        expected.unknown,
        plain=plain,
        seams=seams,
        capacity=capacity,
        ready=admission.ready,
        barriers=barriers,
    )
    return _Basis(
        pool=pool,
        barriers=barriers,
        commands=CommandBuffer(pool),
        admission=admission,
        batches=batches,
        cuts=Cuts(seams, batches.expected, block=expected.block),
    )


def _dispatch(basis: _Basis, lanes: int, *, cpus: int, long: LongParts) -> Dispatch:
    return Dispatch(
        lanes,
        cpus=cpus,
        admission=basis.admission,
        batches=basis.batches,
        cuts=basis.cuts,
        long=long,
        barriers=basis.barriers,
        pool=basis.pool,
        commands=basis.commands,
    )


def _ends(basis: _Basis, checks: int, *, capacity: Capacity, dispatch: Dispatch) -> Ends:
    return Ends(
        checks,
        admission=basis.admission,
        barriers=basis.barriers,
        capacity=capacity,
        dispatch=dispatch,
        commands=basis.commands,
        pool=basis.pool,
    )
