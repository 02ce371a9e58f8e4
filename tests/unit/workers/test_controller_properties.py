"""Whatever workers say, and in whatever order: every check has one outcome, and these add up to what was collected."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from heapq import heappop, heappush
from itertools import chain, count
from math import inf, nextafter
from random import Random
from signal import SIGINT
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_parallel_agents.limits import Limits
from pytest_parallel_agents.model import Check, Group, Outcome, Plan
from pytest_parallel_agents.scheduling.scheduler import Scheduler
from pytest_parallel_agents.workers import clocks, messages
from pytest_parallel_agents.workers.clocks import Clocks
from pytest_parallel_agents.workers.controller import Controller
from pytest_parallel_agents.workers.inbox import Arrival
from pytest_parallel_agents.workers.ledger import Ledger

CHECKS = 40
DELAYS = (0.0, 0.001, 0.05, 0.3)
TIME_LIMIT = 1.0
PHASES = tuple(messages.Phase(when, 0.0, 0.0, 0.0) for when in ("setup", "call", "teardown"))
FAILED_PHASES = (PHASES[0], messages.Phase("call", 0.0, 0.0, 0.0, report=b"rerun"), PHASES[2])


def batched(numbers: range, size: int) -> Iterator[tuple[int, ...]]:
    return (tuple(numbers[start : start + size]) for start in range(0, len(numbers), size))


class World:
    """Workers, their channels and the clock: stands in for the crew, its inbox and its live output."""

    def __init__(self, random: Random, trouble: float, retries: Sequence[int]) -> None:
        self.random = random
        self._retries = retries
        self._tried: dict[tuple[str, int], int] = {}
        self.trouble = trouble
        self.now = 1000.0
        self.inbox = self
        self.live = SimpleNamespace(tell=lambda: None)
        self.interrupt_at: list[float] = []
        self.press: Callable[[], None] = lambda: None
        self._alive: set[str] = set()
        self._silent: set[str] = set()
        self._unsaid: dict[str, int] = {}
        self._queues: dict[str, deque[int]] = {}
        self._running: dict[str, int] = {}
        self._arrivals: list[tuple[float, int, Arrival | Callable[[], None]]] = []
        self._latest: dict[str, float] = {}
        self._order = count()
        self._waits = 0

    # what the controller asks of its crew

    def __bool__(self) -> bool:
        return bool(self._alive)

    def hire(self, workers: Sequence[str]) -> None:
        for worker in workers:
            self._alive.add(worker)
            self._queues[worker] = deque()
            self._say(worker, messages.Ready(1, self.now, b""))
            self._maybe_die(worker)

    def assign(
        self,
        worker: str,
        lanes: tuple[tuple[int, ...], ...],
        then: int | None,  # noqa: ARG002
        tried: tuple[tuple[int, int], ...],
    ) -> None:
        assert all(times <= self._retries[check] for check, times in tried)
        self._tried.update({(worker, check): times for check, times in tried})
        if worker in self._queues:
            self._queues[worker].extend(chain.from_iterable(lanes))
            self._go_on(worker)

    def tell(self, worker: str, order: messages.Order) -> None:
        if worker not in self._queues or worker in self._silent:
            return
        if isinstance(order, messages.Recall):
            self._say(worker, messages.Returned(tuple(self._queues[worker])))
            self._queues[worker].clear()
        elif isinstance(order, messages.Finish):
            self._close(worker)

    def interrupt(self, worker: str) -> None:
        """Most let go of what they run."""
        if worker in self._queues and worker not in self._silent and self.random.random() < 0.7:
            if self.random.random() < 0.3 and worker in self._running:
                self._end(worker, self._running[worker])  # it had been about to end
            self._close(worker)

    def interrupt_all(self) -> None:
        for worker in sorted(self._alive):
            self.interrupt(worker)

    def kill(self, worker: str, why: str = "") -> None:  # noqa: ARG002
        self._die(worker)

    def is_live(self, worker: str) -> bool:
        return worker in self._alive

    def node(self, worker: str) -> str:
        return worker

    def fate(self, worker: str) -> str:
        self._die(worker, silently=True)
        return "was ended by SIGKILL"

    def last_words(self, worker: str) -> Sequence[messages.News]:
        """Of a check that it ran it may have said that it is over."""
        check = self._unsaid.pop(worker, None)
        return () if check is None else (messages.Finished(check, (self.now, self.now), PHASES),)

    def unsent(self) -> list[tuple[str, messages.News]]:
        return [(worker, news) for worker in sorted(self._alive) for news in self.last_words(worker)]

    def mourn(self, worker: str, _fate: str) -> None:
        self._alive.discard(worker)

    def dismiss(self, worker: str, _closed: messages.Closed) -> None:
        self._alive.discard(worker)

    def stopped(self) -> Sequence[str]:
        return sorted(self._silent & self._alive)

    def command_output(self, _worker: str) -> list[tuple[str, str]]:
        return []

    def last_output(self, _worker: str) -> list[tuple[str, str]]:
        return []

    def setup(self, _worker: str) -> str:
        return ""

    def stacks(self, _worker: str) -> str:
        return ""

    def welcome(self, worker: str, ready: messages.Ready) -> None: ...
    def dump(self, worker: str) -> None: ...
    def overhear(self) -> None: ...
    def wake(self) -> None: ...

    def wait(self, seconds: float) -> Iterator[Arrival]:
        """Let time pass until something arrives, or for so long."""
        until = self.now + seconds if seconds == 0 else max(self.now + seconds, nextafter(self.now, inf))
        self._waits += 1
        assert self._waits < 10_000, "nothing happens any more"
        if self.interrupt_at and self.interrupt_at[0] <= until:
            self.now = max(self.now, self.interrupt_at.pop(0))
            self.press()
            return
        while self._arrivals and self._arrivals[0][0] <= until:
            time, _, what = heappop(self._arrivals)
            self.now = max(self.now, time)
            if isinstance(what, Arrival):
                yield what
                return
            what()
        self.now = max(self.now, until)

    # what workers do

    def _go_on(self, worker: str) -> None:
        queue = self._queues.get(worker)
        if not queue or worker in self._running or worker in self._silent:
            return
        check = self._running[worker] = queue.popleft()
        self._begin(worker, check, self.now)

    def _begin(self, worker: str, check: int, at: float) -> None:
        self._say(worker, messages.Started(check, at))
        if self._maybe_die(worker) or self.random.random() < self.trouble / 2:
            return  # dead, or it hangs
        late = (TIME_LIMIT + 0.1,) if self.trouble else ()
        self._at(at + self.random.choice((*DELAYS, *late)), lambda: self._end(worker, check))

    def _end(self, worker: str, check: int) -> None:
        if self._running.get(worker) != check or worker in self._silent:
            return
        tried = self._tried.get((worker, check), 0)
        if tried < self._retries[check] and self.random.random() < 0.3:
            self._tried[worker, check] = tried + 1
            self._say(worker, messages.Failed(check, (self.now, self.now), FAILED_PHASES))
            self._begin(worker, check, self.now + self.random.choice(DELAYS))
            return
        del self._running[worker]
        halt = "no more" if self.random.random() < self.trouble / 20 else ""
        error = "not found" if self.random.random() < self.trouble / 4 else ""
        phases = () if error else PHASES
        self._say(worker, messages.Finished(check, (self.now, self.now), phases, halt, error))
        if self.random.random() < self.trouble / 20:
            self._say(worker, messages.Halted("exit", internal=self.random.random() < 0.5))
            self._close(worker)
        if not halt:
            self._go_on(worker)

    def _close(self, worker: str) -> None:
        self._running.pop(worker, None)
        if self._queues.pop(worker, None) is not None:
            self._say(worker, messages.Closed(b""))
            self._speak(worker, Arrival(worker, None))

    def _maybe_die(self, worker: str) -> bool:
        if self.random.random() >= self.trouble:
            return False
        if self.random.random() < 0.2:
            self._silent.add(worker)  # stopped by a signal
            return True
        self._die(worker, garbage="nonsense" if self.random.random() < 0.2 else "")
        return True

    def _die(self, worker: str, garbage: str = "", *, silently: bool = False) -> None:
        check = self._running.pop(worker, None)
        if check is not None and worker not in self._silent and self.random.random() < 0.3:
            self._unsaid[worker] = check
        if self._queues.pop(worker, None) is not None and not silently:
            self._speak(worker, Arrival(worker, None, garbage=garbage))

    def _say(self, worker: str, news: messages.News) -> None:
        if worker not in self._silent:
            self._speak(worker, Arrival(worker, news))

    def _speak(self, worker: str, arrival: Arrival) -> None:
        """Delays differ, but nothing that one worker says overtakes."""
        time = max(self.now + self.random.choice(DELAYS[:3]), self._latest.get(worker, 0.0))
        self._latest[worker] = time
        heappush(self._arrivals, (time, next(self._order), arrival))

    def _at(self, time: float, action: Callable[[], None]) -> None:
        heappush(self._arrivals, (time, next(self._order), action))


def report(check: int, when: str, outcome: str) -> pytest.TestReport:
    kind: Any = outcome
    phase: Any = when
    text = None if outcome == "passed" else outcome
    return pytest.TestReport(f"n{check}", ("n", 0, "n"), {}, outcome=kind, longrepr=text, when=phase)


class Replay:
    """Counts how often each check was told of, and keeps the ledger as the real one does."""

    def __init__(self, ledger: Ledger) -> None:
        self.told: Counter[int] = Counter()
        self._ledger = ledger

    def phases(self, check: int, _node: str, _phases: Sequence[messages.Phase]) -> None:
        self._ledger.passed(check)
        self.told[check] += 1

    def record(self, check: int, phases: Sequence[messages.Phase]) -> Sequence[pytest.TestReport]:
        reports = [report(check, phase.when, "rerun" if phase.report else "passed") for phase in phases]
        for each in reports:
            self._ledger.report(check, each)
        return reports

    def failure(
        self, check: int, text: str, outcome: Outcome, _sections: object = (), *, again: bool = False
    ) -> Sequence[pytest.TestReport]:
        lost = report(check, "call", "rerun" if again else "failed")
        self._ledger.lost(check, lost, outcome, text)
        return [lost]

    def settle(self, check: int, reports: Sequence[pytest.TestReport]) -> None:
        for each in reports:
            each.outcome = "failed" if str(each.outcome) == "rerun" else each.outcome
        self._ledger.settle(check, reports)

    def tell(self, check: int, _node: str, reports: Sequence[pytest.TestReport]) -> None:
        self.told[check] += 1
        assert str(reports[-1].outcome) != "rerun" or reports[-1].when == "teardown"

    def skip(self, check: int, _node: str | None, _reason: str) -> None:
        self.told[check] += 1

    def obituary(self, check: int, worker: str, fate: str, setup: str) -> str:
        return f"{worker} {fate} {check}{setup}"

    def overdue(self, check: int, worker: str, setup: str) -> str:
        return f"{check} too long on {worker}{setup}"


class Watcher:
    def __init__(self) -> None:
        self.finished_checks: Counter[int] = Counter()

    def batch(self) -> AbstractContextManager[None]:
        return nullcontext()

    def finished(self, check: int) -> None:
        self.finished_checks[check] += 1

    def running(self, now: float, checks: object) -> None: ...
    def slow(self, check: int, worker: str, seconds: float, where: str) -> None: ...


@given(
    random=st.builds(Random, st.integers()),
    trouble=st.sampled_from([0.0, 0.1, 0.4]),
    workers=st.integers(1, 4),
    run_limit=st.sampled_from([None, None, 0.2, 2.0]),
    interrupts=st.lists(st.floats(0.0, 3.0), max_size=2),
    wait=st.sampled_from([None, 1, 3]),
)
@settings(max_examples=150, deadline=None)
def test_every_check_has_one_outcome_whatever_happens(  # noqa: PLR0917
    random: Random,
    trouble: float,
    workers: int,
    run_limit: float | None,
    interrupts: list[float],
    wait: int | None,
) -> None:
    checks = [
        Check(
            index=n,
            nodeid=f"n{n}",
            kind="test",
            name=f"n{n}",
            alone=random.random() < 0.1,
            timeout=TIME_LIMIT,
            retries=random.choice([0, 0, 1, 3]),
        )
        for n in range(CHECKS)
    ]
    world, ledger, watcher = World(random, trouble, [check.retries for check in checks]), Ledger(checks), Watcher()
    replay = Replay(ledger)
    session = SimpleNamespace(shouldfail=False, shouldstop=False)
    members = frozenset(random.sample(range(CHECKS), 5))
    parts: Any = {"session": session, "crew": world, "ledger": ledger, "replay": replay, "watcher": watcher}
    with mock.patch.object(clocks, "time", SimpleNamespace(monotonic=lambda: world.now)):
        plan = Plan(
            checks={check.index: check for check in checks},
            lanes=tuple(batched(range(CHECKS), random.choice([1, 1, 3]))),
            predecessors={n: (n - 8,) for n in range(8, CHECKS, 8)},
        )
        controller = Controller(
            **parts,
            scheduler=Scheduler(plan, estimates={}, cpus=workers, max_workers=workers + 2),
            clocks=Clocks(world.now),
            limits=Limits(check=TIME_LIMIT, run=run_limit, grace=0.2),
            most_losses=random.choice([3, 1000]),
            groups=() if wait is None else (Group(name="g", needed=wait, members=tuple(sorted(members))),),
        )
        world.interrupt_at = [world.now + after for after in sorted(interrupts)]
        world.press = lambda: controller._signals._end(SIGINT, None)
        with suppress(KeyboardInterrupt):
            controller.run()

    results = ledger.results()
    outcomes = Counter(result.outcome for result in results)
    assert outcomes.total() == CHECKS
    assert set(watcher.finished_checks.values()) <= {1}
    assert set(replay.told.values()) <= {1}
    ran = {result.check.index for result in results if result.attempts and result.message != "interrupted"}
    assert ran <= set(replay.told)
    for result in results:
        assert len(result.attempts) <= result.check.retries + 1
        assert all(attempt.outcome.bad for attempt in result.attempts[:-1])
    if trouble == 0.0 and not interrupts and run_limit is None:
        assert controller.halt is None
        assert outcomes.keys() <= ({Outcome.PASSED} if wait is None else {Outcome.PASSED, Outcome.CANCELLED})
    if controller.halt is None:
        assert outcomes[Outcome.CANCELLED] <= (0 if wait is None else len(members) - wait)
