from __future__ import annotations

from pytest_parallel_agents.controller.lost_workers import HOSTS_PER_CHECK, Losses
from pytest_parallel_agents.controller.stop_reason import StopReason
from pytest_parallel_agents.transports.base import START_ATTEMPTS


def test_one_more_than_allowed_ends_the_run() -> None:
    losses = Losses(2)

    halts = [losses.count(f"gw{number}", "exited with code 1", failed_to_start=False) for number in range(3)]

    assert halts[:2] == [None, None]
    assert halts[2] is not None
    assert halts[2].reason == "too many workers were lost, the last one, gw2, exited with code 1"


def test_workers_that_never_come_up_end_the_run_when_they_follow_each_other() -> None:
    losses = Losses(100)

    def start() -> list[StopReason | None]:
        return [losses.count("gw0", "exited with code 1", failed_to_start=True) for _ in range(START_ATTEMPTS - 1)]

    assert start() == [None] * 4
    losses.came_up()
    assert start() == [None] * 4
    halt = losses.count("gw9", "broke off", failed_to_start=True)
    assert halt is not None
    assert halt.reason == "no worker could be started: 5 in a row did not come up, the last one, gw9, broke off"


def test_the_second_time_a_check_is_to_blame() -> None:
    losses = Losses(0)

    assert [losses.is_to_blame(check) for check in (1, 2, 1)] == [False, False, True]


def test_a_check_with_which_several_hosts_were_lost_is_to_blame() -> None:
    losses = Losses(0)

    assert [losses.loses_hosts(1) for _ in range(HOSTS_PER_CHECK)] == [False] * (HOSTS_PER_CHECK - 1) + [True]
    assert not losses.loses_hosts(2)
