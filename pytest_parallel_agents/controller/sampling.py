"""Has workers look where a check stands that comes near its time limit: when the limit has passed it is too late."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from pytest_parallel_agents.controller.running_checks import RunningChecks
from pytest_parallel_agents.controller.workers.remote_worker import RemoteWorker
from pytest_parallel_agents.controller.workers.termination import RunningAttempt
from pytest_parallel_agents.wire import messages

LAST_SECONDS: Final = 10.0
LAST_SHARE: Final = 0.5
"""Before a limit, or so much of it if that is less, samples begin."""

SAMPLED_SHARE: Final = 0.8
"""Of that time samples are taken. In the rest they have to come here."""


class Sampling:
    """`limit_of` is the time limit of a check, `run_limit` that of the run, in seconds."""

    def __init__(
        self, running_checks: RunningChecks, limit_of: Callable[[int], float | None], run_limit: float | None
    ) -> None:
        self._running_checks = running_checks
        self._limit_of = limit_of
        self._run_limit = math.inf if run_limit is None else run_limit
        self._asked: dict[str, RunningAttempt] = {}

    @property
    def due(self) -> float:
        """When the next check comes near its limit, in seconds since the run's start."""
        new = (attempt for worker, attempt in self._running_checks.all() if self._is_new(worker, attempt))
        return min((self._begin(attempt)[0] for attempt in new), default=math.inf)

    def look(self, now: float) -> None:
        """Ask the workers of checks that have come near."""
        for worker, attempt in self._running_checks.all():
            begin, seconds = self._begin(attempt)
            if begin <= now and self._is_new(worker, attempt):
                self._asked[worker.name] = attempt
                worker.send(messages.Sample(attempt.check, seconds))

    def _is_new(self, worker: RemoteWorker, attempt: RunningAttempt) -> bool:
        return worker.termination is None and self._asked.get(worker.name) != attempt

    def _begin(self, attempt: RunningAttempt) -> tuple[float, float]:
        """When samples of an attempt are to begin, and for how many seconds. Never, without a limit."""
        limit = self._limit_of(attempt.check)
        end = min(self._run_limit, math.inf if limit is None else attempt.start + limit)
        if end == math.inf:
            return math.inf, 0.0
        last = min(LAST_SECONDS, LAST_SHARE * (end - attempt.start))
        return end - last, SAMPLED_SHARE * last
