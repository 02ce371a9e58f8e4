"""The output of `--agents-plan`: the plan, and the simulator's prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from pytest_parallel_agents.collection.sending import sending
from pytest_parallel_agents.model.hosts import Host
from pytest_parallel_agents.model.plan import Group, Plan
from pytest_parallel_agents.reports.phrases import counted
from pytest_parallel_agents.reports.terminal.plan import Prediction, describe_plan
from pytest_parallel_agents.scheduling.bounds import lower_bound
from pytest_parallel_agents.scheduling.quorum import nth_shortest
from pytest_parallel_agents.scheduling.simulator import simulate
from pytest_parallel_agents.session.planning import PlannedRun
from pytest_parallel_agents.session.worker_hosts import HERE, expected_slots
from pytest_parallel_agents.worker_specs import leaves_number_open

NOTHING_KNOWN_SECONDS = 1.0


def preview(planned: PlannedRun) -> list[str]:
    """Lines of plain text: what would run, how long that would take, and what would be sent where."""
    session, after = planned.session, len(planned.collected.closing)
    hosts = [*planned.hosts, *expected_slots(planned.options, planned.resources)]
    predicted = predict(planned.placed, planned.groups, planned.estimates, hosts, after=after)
    notes = [*_kept_here(planned.placed), *_uncounted(planned.options.specs)]
    return [*predicted, *notes, *sending(session.items, session.config.rootpath)]


def _kept_here(plan: Plan) -> list[str]:
    kept = sum(lock.name == HERE for locks in plan.locks.values() for lock in locks)
    return [f"on this machine alone: {counted(kept, 'configured command')}"] if kept else []


def _uncounted(specs: Sequence[str]) -> list[str]:
    clusters = [spec for spec in specs if leaves_number_open(spec)]
    return [f"--tx {spec} counts as 1 worker: how many it has is known when a run begins" for spec in clusters]


def predict(
    plan: Plan, groups: Sequence[Group], estimates: Mapping[int, float], hosts: Sequence[Host], *, after: int = 0
) -> list[str]:
    """Lines of plain text. A check that never ran counts as the median of those that did, or as a second.

    Members that their group does not wait for end with the last one that it waits for. `after`: the number of checks
    that run after those of the plan.
    """
    usual = median(estimates.values()) if estimates else NOTHING_KNOWN_SECONDS
    seconds = {check: estimates.get(check, usual) for check in plan.checks}
    times = {group: nth_shortest(group, seconds) for group in groups}
    spent = _limited(seconds, times)
    cpus = sum(host.cpus for host in hosts)
    simulation = simulate(plan, durations=spent, estimates=seconds, groups=groups, hosts=hosts)
    prediction = Prediction(
        predicted=simulation.makespan,
        bound=lower_bound(plan, _needed(seconds, groups), cpus),
        guessed=sum(check not in estimates for check in plan.checks),
        guess=usual,
        after=after,
        stranded=len(simulation.stranded),
    )
    return describe_plan(plan, seconds, prediction, cpus, groups=times)


def _limited(seconds: Mapping[int, float], times: Mapping[Group, float]) -> dict[int, float]:
    spent = dict(seconds)
    for group, limit in times.items():
        spent.update({member: min(spent[member], limit) for member in group.members})
    return spent


def _needed(seconds: Mapping[int, float], groups: Sequence[Group]) -> dict[int, float]:
    """0 seconds for members that are not needed: no schedule has to run them."""
    needed = dict(seconds)
    for group in groups:
        if group.needed is not None:
            longest = sorted(group.members, key=lambda member: (seconds[member], member))[group.needed :]
            needed.update(dict.fromkeys(longest, 0.0))
    return needed
