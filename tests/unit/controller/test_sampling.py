from __future__ import annotations

from math import inf
from types import SimpleNamespace
from typing import Any

from pytest_parallel_agents.controller.sampling import Sampling
from pytest_parallel_agents.controller.workers.termination import RunningAttempt
from pytest_parallel_agents.wire import messages


class Running:
    """Workers by what they run."""

    def __init__(self, *attempts: RunningAttempt) -> None:
        self.sent: list[object] = []
        self._all: list[Any] = [
            (SimpleNamespace(name=f"gw{number}", termination=None, send=self.sent.append), attempt)
            for number, attempt in enumerate(attempts)
        ]

    def all(self) -> list[Any]:
        return self._all

    def change(self, worker: int, attempt: RunningAttempt) -> None:
        self._all[worker] = self._all[worker][0], attempt


def sampling_of(running: Any, limits: dict[int, float], run_limit: float | None = None) -> Sampling:
    return Sampling(running, limits.get, run_limit)


def test_each_attempt_is_looked_at_once_near_its_limit() -> None:
    running = Running(RunningAttempt(0, 10.0), RunningAttempt(1, 10.0), RunningAttempt(2, 10.0))
    sampling = sampling_of(running, {0: 4.0, 1: 100.0})
    assert sampling.due == 12.0
    sampling.look(11.9)
    assert running.sent == []
    sampling.look(12.0)
    sampling.look(12.1)
    assert running.sent == [messages.Sample(0, 1.6)]
    assert sampling.due == 100.0
    running.change(0, RunningAttempt(0, 20.0))
    assert sampling.due == 22.0


def test_the_limit_of_the_run_counts_as_well() -> None:
    running = Running(RunningAttempt(0, 10.0))
    assert sampling_of(running, {}).due == inf
    sampling = sampling_of(running, {0: 99.0}, run_limit=14.0)
    assert sampling.due == 12.0
    sampling.look(13.0)
    assert len(running.sent) == 1


def test_what_is_being_ended_is_left_alone() -> None:
    running = Running(RunningAttempt(0, 0.0))
    running.all()[0][0].termination = object()
    sampling = sampling_of(running, {0: 1.0})
    assert sampling.due == inf
    sampling.look(5.0)
    assert running.sent == []
