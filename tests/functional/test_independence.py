"""What is not independent never overlaps in time, checked from the report's start and stop."""

from __future__ import annotations

import random
from collections.abc import Mapping
from itertools import combinations
from typing import Any

import pytest

from tests.functional.runs import AgentsRun, configure, run_agents

CHECKS = 200
CPUS = 4
CAPACITIES = {"db": 1, "gpu": 2, "queue": 1}
NAMES = [*CAPACITIES, "src/", "src/a.py", "data/x/", "tcp:8080", "env:HOME"]


def overlap(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    return bool(left["start"] < right["stop"] and right["start"] < left["stop"])


def arguments(chance: random.Random) -> dict[str, Any]:
    """Of one mark."""
    names = chance.sample(NAMES, k=chance.choice([0, 0, 1, 1, 2]))
    split = chance.randint(0, len(names))
    return {
        "reads": names[:split],
        "writes": names[split:],
        "alone": chance.random() < 0.03,
        "cpus": chance.choice([0, 1, 1, 1, 2, 3]),
    }


def covers(left: str, right: str) -> bool:
    """Whether two names of NAMES are one resource or one lies within the other."""
    return (
        left == right
        or (left.endswith("/") and right.startswith(left))
        or (right.endswith("/") and left.startswith(right))
    )


def compatible(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    """Whether two checks with these marks may run at once, looking at the two of them alone."""
    if left["alone"] or right["alone"]:
        return False
    for one, other in ((left, right), (right, left)):
        if any(covers(write, read) for write in one["writes"] for read in other["reads"]):
            return False
    return all(
        CAPACITIES.get(mine, 1) > 1 for mine in left["writes"] for theirs in right["writes"] if covers(mine, theirs)
    )


@pytest.fixture(scope="module")
def marks() -> dict[str, dict[str, Any]]:
    chance = random.Random(20260717)  # noqa: S311 - not for secrets
    return {f"test_{number}": arguments(chance) for number in range(CHECKS)}


@pytest.mark.parametrize("transport", ["fork", pytest.param("popen", marks=pytest.mark.slow)])
def test_two_hundred_checks_with_random_resources(
    pytester: pytest.Pytester, marks: dict[str, dict[str, Any]], transport: str
) -> None:
    head = "import pytest, time\nagent = pytest.mark.agent\n"
    bodies = (f"@agent('test', **{mark!r})\ndef {name}(): time.sleep(0.004)\n" for name, mark in marks.items())
    pytester.makepyfile(test_it=head + "".join(bodies))
    configure(pytester, "[.resources]\n" + "".join(f"{name} = {number}\n" for name, number in CAPACITIES.items()))

    run = run_agents(pytester, f"-n{CPUS}", f"--tx={transport}")

    assert run.exit_code == 0
    assert run.outcomes == dict.fromkeys(marks, "passed")
    overlapping = [(one, other) for one, other in combinations(run.report["checks"], 2) if overlap(one, other)]
    assert overlapping, "nothing ran at the same time"
    wrong = [
        (one["name"], other["name"])
        for one, other in overlapping
        if not compatible(marks[one["name"]], marks[other["name"]])
    ]
    assert wrong == []
    assert most_at_once(run, {name: int("gpu" in mark["writes"]) for name, mark in marks.items()}) <= 2
    assert most_at_once(run, {name: min(mark["cpus"], CPUS) for name, mark in marks.items()}) <= CPUS
    assert run.report["independence"]["verified"]


def most_at_once(run: AgentsRun, weights: Mapping[str, int]) -> int:
    """The greatest sum of weights of checks that ran at the same time."""
    checks = [check for check in run.report["checks"] if weights[check["name"]]]
    return max(
        sum(weights[other["name"]] for other in checks if other["start"] <= check["start"] < other["stop"])
        for check in checks
    )


def test_alone_means_alone(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import gc, pytest, time
        from pytest_parallel_agents.worker.outbox import Outbox
        @pytest.mark.agent("profile", alone=True)
        def test_alone(profile):
            with profile(): time.sleep(0.1)
        @pytest.mark.agent("test", alone=True)
        def test_quiet():
            [outbox] = [each for each in gc.get_objects() if type(each) is Outbox]
            assert not outbox._frames, "another thread has something to send"
        @pytest.mark.agent("test", cpus=0)
        def test_waiting(): time.sleep(0.1)
        @pytest.mark.parametrize("n", range(4))
        def test_plain(n): time.sleep(0.05)
        """
    )
    run = run_agents(pytester)
    assert set(run.outcomes.values()) == {"passed"}
    for alone in (run.check("test_alone"), run.check("test_quiet")):
        assert not any(overlap(alone, other) for other in run.report["checks"] if other is not alone)


def test_checks_that_wait_need_no_cpu(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pathlib, pytest, time
        @pytest.mark.agent("review", cpus=0)
        @pytest.mark.parametrize("n", range(6))
        def test_ask(n):
            pathlib.Path(f"{n}.here").touch()
            while len(list(pathlib.Path().glob("*.here"))) < 6: time.sleep(0.01)
        """
    )
    run = run_agents(pytester, "-n1")
    assert all(overlap(one, other) for one, other in combinations(run.report["checks"], 2))


def test_after_orders_by_name_kind_and_nodeid(pytester: pytest.Pytester) -> None:
    configure(pytester, '[.agents.tidy]\ncommand = "true"\n')
    pytester.makepyfile(
        test_it="""
        import pytest
        agent = pytest.mark.agent
        @agent("test", after=["review"])
        def test_last(): pass
        @agent("review", after=["test_it.py::test_second"])
        def test_third(): pass
        @agent("profile", after=["test_first", "tidy"])
        def test_second(profile):
            with profile(): pass
        @agent("review")
        def test_first(): pass
        """
    )
    run = run_agents(pytester)
    assert run.order[2:] == ["test_second", "test_third", "test_last"]
    assert {found["source"] for found in run.conflicts} == {"order"}
    assert run.exit_code == 0


def test_after_holds_even_when_the_earlier_check_fails(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        @pytest.mark.agent("test", after="test_first")
        def test_second(): pass
        @pytest.mark.agent("test")
        def test_first(): assert 0
        """
    )
    run = run_agents(pytester)
    assert run.order == ["test_first", "test_second"]
    assert run.outcomes == {"test_first": "failed", "test_second": "passed"}
