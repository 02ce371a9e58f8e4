from __future__ import annotations

import pytest

from pytest_parallel_agents.model.results import Attempt, Outcome, Result
from pytest_parallel_agents.reports.timing import repeated_seconds, timing

from .samples import attempt, check, plan


def result(index: int, *attempts: Attempt) -> Result:
    return Result(check=check(index, f"t{index}"), outcome=Outcome.PASSED, attempts=attempts)


def test_the_textbook_case_reads_speedup_2_2() -> None:
    results = [
        result(0, attempt(1.0, 11.0, "gw0")),
        result(1, attempt(1.0, 16.0, "gw1")),
        result(2, attempt(1.25, 9.25, "gw2")),
    ]

    found = timing(plan(results), results, cpus=3)

    assert (found.sequential, found.makespan, found.speedup) == (33.0, 15.0, 2.2)
    assert (found.lower_bound, found.efficiency, found.start_skew) == (15.0, 1.0, 0.25)
    assert found.critical_path == ("t1",)


def test_every_attempt_counts() -> None:
    results = [result(0, attempt(0, 1), attempt(2, 4))]

    found = timing(plan(results), results, cpus=1)

    assert (found.sequential, found.makespan, found.lower_bound) == (3.0, 4.0, 3.0)
    assert found.efficiency == pytest.approx(0.75)


def test_the_work_divided_by_the_cpus_bounds_the_makespan() -> None:
    results = [result(index, attempt(index // 2 * 2, index // 2 * 2 + 2, f"gw{index % 2}")) for index in range(4)]

    found = timing(plan(results), results, cpus=2)

    assert (found.sequential, found.makespan, found.lower_bound, found.efficiency) == (8.0, 4.0, 4.0, 1.0)


def test_a_worker_counts_for_the_skew_by_its_first_start() -> None:
    results = [
        result(0, attempt(5.0, 6.0, "gw1")),
        result(1, attempt(0.5, 5.0, "gw0")),
        result(2, attempt(0.75, 5.0, "gw1")),
    ]

    assert timing(plan(results), results, cpus=2).start_skew == 0.25


def test_checks_of_the_controller_count_but_for_the_skew() -> None:
    workers = [result(0, attempt(0, 2, "gw0")), result(1, attempt(0, 2, "gw1"))]
    results = [*workers, result(2, attempt(2, 3, "controller"))]

    found = timing(plan(workers), results, cpus=2)

    assert (found.sequential, found.makespan, found.start_skew) == (5.0, 3.0, 0.0)
    assert (found.lower_bound, found.efficiency) == (3.0, 1.0)


def test_without_a_plan_everything_ran_one_after_another() -> None:
    results = [result(0, attempt(0, 1, "controller")), result(1, attempt(1, 3, "controller"))]

    found = timing(None, results, cpus=8)

    assert (found.lower_bound, found.speedup, found.critical_path) == (3.0, 1.0, ())


@pytest.mark.parametrize("attempts", [(), (attempt(3, 3),)])
def test_nothing_that_took_time_has_no_speedup(attempts: tuple[Attempt, ...]) -> None:
    results = [result(0, *attempts)]

    found = timing(plan(results), results, cpus=2)

    assert (found.sequential, found.makespan, found.start_skew, found.lower_bound) == (0.0, 0.0, 0.0, 0.0)
    assert (found.speedup, found.efficiency) == (None, None)


def test_what_was_cancelled_would_not_have_run_in_one_process() -> None:
    cancelled = Result(check=check(1, "t1"), outcome=Outcome.CANCELLED, attempts=(attempt(0, 5, "gw1"),))
    results = [result(0, attempt(0, 2)), cancelled]

    found = timing(plan(results), results, cpus=2)

    assert (found.sequential, found.makespan, found.speedup) == (2.0, 5.0, 0.4)


def test_what_several_workers_built_counts_once() -> None:
    repeated = repeated_seconds([("db", 2.0), ("app", 1.0), ("db", 4.0), ("db", 3.0)])
    results = [result(0, attempt(0, 5, "gw0")), result(1, attempt(0, 5, "gw1")), result(2, attempt(0, 5, "gw2"))]

    assert repeated == 6.0
    assert timing(plan(results), results, cpus=3, repeated=repeated).sequential == 9.0


def test_the_collection_counts_as_far_as_commands_ran_beside_it() -> None:
    results = [result(0, attempt(1.0, 6.0, "gw0")), result(1, attempt(5.0, 7.0, "gw1"))]

    found = timing(plan(results), results, cpus=2, collecting=4.0)

    assert (found.sequential, found.makespan) == (11.0, 6.0)
    assert (found.lower_bound, found.start_skew) == (5.0, 0.0)


def test_a_collection_that_outlasts_all_checks_counts_until_their_end() -> None:
    results = [result(0, attempt(1.0, 3.0, "gw0"))]

    found = timing(plan(results), results, cpus=2, collecting=9.0)

    assert (found.sequential, found.makespan, found.lower_bound, found.efficiency) == (4.0, 2.0, 2.0, 1.0)
