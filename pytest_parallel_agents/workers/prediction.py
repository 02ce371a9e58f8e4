"""What `--agents-plan` prints: the plan, and how long the simulator says it would take."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median

from pytest_parallel_agents.model import Plan
from pytest_parallel_agents.reports.plan import describe_plan
from pytest_parallel_agents.scheduling.bounds import lower_bound
from pytest_parallel_agents.scheduling.simulator import simulate
from pytest_parallel_agents.workers.run import WAITING_WORKERS

NOTHING_KNOWN_SECONDS = 1.0


def predict(plan: Plan, estimates: Mapping[int, float], cpus: int) -> list[str]:
    """Lines of plain text. A check that never ran counts as the median of those that did, or as a second."""
    usual = median(estimates.values()) if estimates else NOTHING_KNOWN_SECONDS
    seconds = {check: estimates.get(check, usual) for check in plan.checks}
    simulation = simulate(plan, durations=seconds, estimates=seconds, cpus=cpus, max_workers=cpus + WAITING_WORKERS)
    return describe_plan(plan, seconds, simulation.makespan, lower_bound(plan, seconds, cpus), cpus)
