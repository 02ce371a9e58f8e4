"""The times of a run: makespan, sequential time and lower bound."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pytest_parallel_agents.model.plan import Plan
from pytest_parallel_agents.model.results import Attempt, Outcome, Result
from pytest_parallel_agents.reports.report import Timing
from pytest_parallel_agents.scheduling.bounds import critical_path, lower_bound

CONTROLLER = "controller"


def timing(
    plan: Plan | None, results: Sequence[Result], cpus: int, *, repeated: float = 0.0, collecting: float = 0.0
) -> Timing:
    """Times of all attempts that ran. Checks that are not in the plan ran one after another, so each adds to the bound.

    `repeated`: seconds spent on building again what a serial run builds once. `collecting`: seconds during which checks
    ran while others were still collected.
    """
    attempts = [attempt for result in results for attempt in result.attempts]
    durations = {result.check.index: _seconds(result.attempts) for result in results if _is_needed(result)}
    start = min((each.start for each in attempts), default=0.0)
    makespan = max((each.stop for each in attempts), default=0.0) - start
    collecting = min(collecting, makespan)
    sequential = max(0.0, sum(durations.values(), 0.0) - repeated) + collecting
    bound = max(_lower_bound(plan, durations, cpus), collecting)
    return Timing(
        sequential=sequential,
        makespan=makespan,
        speedup=sequential / makespan if makespan > 0 else None,
        lower_bound=bound,
        efficiency=bound / makespan if makespan > 0 else None,
        start_skew=_start_skew(attempts, start + collecting),
        critical_path=_critical_path(plan, durations),
    )


def repeated_seconds(builds: Iterable[tuple[str, float]]) -> float:
    """The seconds that set-ups took beyond one of each. `builds`: each set-up's name and seconds."""
    by_key: dict[str, list[float]] = defaultdict(list)
    for key, seconds in builds:
        by_key[key].append(seconds)
    return sum((sum(times) - sum(times) / len(times) for times in by_key.values()), 0.0)


def _is_needed(result: Result) -> bool:
    """Cancelled checks need not have run at all."""
    return result.outcome is not Outcome.CANCELLED


def _seconds(attempts: Iterable[Attempt]) -> float:
    return sum((attempt.duration for attempt in attempts), 0.0)


def _lower_bound(plan: Plan | None, durations: Mapping[int, float], cpus: int) -> float:
    if plan is None:
        return sum(durations.values(), 0.0)
    unplanned = sum((seconds for index, seconds in durations.items() if index not in plan.checks), 0.0)
    return lower_bound(plan, _planned(plan, durations), cpus) + unplanned


def _critical_path(plan: Plan | None, durations: Mapping[int, float]) -> tuple[str, ...]:
    if plan is None:
        return ()
    return tuple(plan.checks[index].nodeid for index in critical_path(plan, _planned(plan, durations)))


def _planned(plan: Plan, durations: Mapping[int, float]) -> dict[int, float]:
    return {index: durations.get(index, 0.0) for index in plan.checks}


def _start_skew(attempts: Iterable[Attempt], collected: float) -> float:
    """Seconds between the first and the last worker's first start. The controller starts when the workers are done, and
    no worker before the checks are `collected`.
    """
    first_starts: dict[str, float] = {}
    for attempt in attempts:
        if attempt.worker != CONTROLLER:
            start = max(attempt.start, collected)
            first_starts[attempt.worker] = min(start, first_starts.get(attempt.worker, start))
    return max(first_starts.values(), default=0.0) - min(first_starts.values(), default=0.0)
