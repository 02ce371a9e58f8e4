"""The scheduler's components, put together for one plan."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from pytest_parallel_agents.model.hosts import Host
from pytest_parallel_agents.model.plan import Group, Plan
from pytest_parallel_agents.scheduling.admission import Admission
from pytest_parallel_agents.scheduling.barriers import Barriers
from pytest_parallel_agents.scheduling.batches import Batches, find_plain
from pytest_parallel_agents.scheduling.begun import Begun
from pytest_parallel_agents.scheduling.budget import Budget
from pytest_parallel_agents.scheduling.capacity import Capacity
from pytest_parallel_agents.scheduling.command_buffer import CommandBuffer
from pytest_parallel_agents.scheduling.completion import Completion
from pytest_parallel_agents.scheduling.cuts import Cuts
from pytest_parallel_agents.scheduling.dispatch import Dispatch
from pytest_parallel_agents.scheduling.forecast import Forecast, forecast
from pytest_parallel_agents.scheduling.hosts import Hosts
from pytest_parallel_agents.scheduling.lane_index import LaneIndex
from pytest_parallel_agents.scheduling.long_parts import LongParts
from pytest_parallel_agents.scheduling.lookahead import Lookahead
from pytest_parallel_agents.scheduling.occupancy import Occupancy
from pytest_parallel_agents.scheduling.patience import Patience
from pytest_parallel_agents.scheduling.spread_delay import SpreadDelay


@dataclass(frozen=True, slots=True, kw_only=True)
class Components:
    """`seams` are the checks at which a part of a stretch begins."""

    seams: Container[int]
    lanes: LaneIndex
    hosts: Hosts
    patience: Patience
    occupancy: Occupancy
    admission: Admission
    batches: Batches
    cuts: Cuts
    spread_delay: SpreadDelay
    commands: CommandBuffer
    dispatch: Dispatch
    lookahead: Lookahead
    completion: Completion
    budget: Budget | None


def assemble(
    plan: Plan,
    *,
    estimates: Mapping[int, float],
    hosts: Sequence[Host],
    groups: Sequence[Group],
    in_order: bool,
    ahead: bool,
    begun: Begun,
) -> Components:
    """The arguments are those of `Scheduler`."""
    known_hosts = Hosts(hosts)
    capacity = Capacity(plan, known_hosts)
    cpus = known_hosts.cpus
    racing = [group.members for group in groups if group.needed is not None]
    # one at a time: those that race, so that none runs in vain, and begun ones, which nothing shall wait behind
    plain = find_plain(plan, capacity).difference(begun.checks, *racing)
    expected = forecast(plan, estimates, plain, racing=racing, over=begun.over, hosts=hosts, in_order=in_order)
    lanes = LaneIndex(expected.stretches.lanes, expected.stretch_lanes, expected.stretches.seams)
    basis = _basis(plan, expected, plain, capacity, Occupancy(known_hosts, ahead=ahead))
    dispatch = _dispatch(basis, len(lanes), cpus=cpus, long=LongParts(expected.long_parts, cpus=cpus))
    occupancy, commands = basis.occupancy, basis.commands
    return Components(
        seams=expected.stretches.seams,
        lanes=lanes,
        hosts=known_hosts,
        patience=basis.patience,
        occupancy=occupancy,
        admission=basis.admission,
        batches=basis.batches,
        cuts=basis.cuts,
        spread_delay=SpreadDelay(active=expected.delays_spreading),
        commands=commands,
        dispatch=dispatch,
        lookahead=Lookahead(lanes, dispatch=dispatch, occupancy=occupancy, commands=commands),
        completion=_completion(basis, len(plan.checks), capacity=capacity, dispatch=dispatch),
        budget=basis.budget,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Basis:
    """The components that the dispatch of lanes uses."""

    occupancy: Occupancy
    barriers: Barriers
    budget: Budget | None
    commands: CommandBuffer
    patience: Patience
    admission: Admission
    batches: Batches
    cuts: Cuts


def _basis(plan: Plan, expected: Forecast, plain: set[int], capacity: Capacity, occupancy: Occupancy) -> _Basis:
    seams = expected.stretches.seams
    barriers = Barriers(plan.predecessors)
    patience = Patience(capacity, expected.seconds)
    admission = Admission(
        plan,
        expected.priorities,
        expected.behind,
        capacity=capacity,
        occupancy=occupancy,
        patience=patience,
    )
    batches = Batches(
        expected.seconds,
        expected.unknown,
        plain=plain,
        seams=seams,
        capacity=capacity,
        ready=admission.waiting.ready,
        barriers=barriers,
    )
    return _Basis(
        occupancy=occupancy,
        barriers=barriers,
        budget=None if plan.budget is None else Budget(plan.budget, plan.reserves),
        commands=CommandBuffer(occupancy),
        patience=patience,
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
        budget=basis.budget,
        occupancy=basis.occupancy,
        commands=basis.commands,
    )


def _completion(basis: _Basis, checks: int, *, capacity: Capacity, dispatch: Dispatch) -> Completion:
    return Completion(
        checks,
        admission=basis.admission,
        barriers=basis.barriers,
        budget=basis.budget,
        capacity=capacity,
        dispatch=dispatch,
        commands=basis.commands,
        occupancy=basis.occupancy,
    )
