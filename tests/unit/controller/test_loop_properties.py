"""Whatever workers say, in whatever order, and whatever becomes of it on its way: every check has one outcome.

These outcomes add up to what was collected.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from heapq import heappop, heappush
from itertools import chain, count
from math import inf, nextafter
from pathlib import Path
from random import Random
from signal import SIGINT
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_parallel_agents.controller import clocks
from pytest_parallel_agents.controller.clashes import Clash
from pytest_parallel_agents.controller.clocks import Clocks
from pytest_parallel_agents.controller.inbox import GONE, Arrival, Inbox
from pytest_parallel_agents.controller.loop import Controller
from pytest_parallel_agents.controller.results import ResultStore
from pytest_parallel_agents.limits import Limits
from pytest_parallel_agents.model import Check, Group, Outcome, Plan
from pytest_parallel_agents.scheduling.scheduler import Scheduler
from pytest_parallel_agents.wire import messages
from pytest_parallel_agents.wire.journal import Journal
from pytest_parallel_agents.wire.setups import WideFixture

CHECKS = 40
DELAYS = (0.0, 0.001, 0.05, 0.3)
TIME_LIMIT = 1.0
PHASES = tuple(messages.Phase(when, 0.0, 0.0, 0.0) for when in ("setup", "call", "teardown"))
FAILED_PHASES = (PHASES[0], messages.Phase("call", 0.0, 0.0, 0.0, report=b"rerun"), PHASES[2])


def batched(numbers: range, size: int) -> Iterator[tuple[int, ...]]:
    return (tuple(numbers[start : start + size]) for start in range(0, len(numbers), size))


class Mail:
    """A worker's batches, one message in each, and its journal: stands in for its outbox."""

    def __init__(self, journal: Path) -> None:
        self._journal = Journal(journal)
        self._number = 0
        self.held: bytes | None = None

    def keep(self, news: messages.WorkerMessage) -> bytes:
        """A batch that stands in the journal and was not sent."""
        frame = messages.encode(news)
        self._number += 1
        self._journal.begin(self._number)
        self._journal.add(frame)
        return messages.encode_batch(self._number, [frame])

    def post(self, news: messages.WorkerMessage) -> bytes:
        """A batch that is as good as sent."""
        data = self.keep(news)
        self._journal.begin(self._number + 1)
        return data


class World:
    """Workers, their channels and the clock: stands in for the crew and its live output. The inbox is a real one.

    `faults` is how likely it is that a batch is lost, repeated, delayed or swapped with the next, that an order is
    lost, or that something is made up.
    """

    def __init__(self, random: Random, trouble: float, faults: float, retries: Sequence[int], folder: Path) -> None:
        self.random = random
        self._retries = retries
        self._tried: dict[tuple[str, int], int] = {}
        self.trouble = trouble
        self._faults = faults
        self.now = 1000.0
        self.inbox = self
        self._journal = folder.joinpath
        self._received = Inbox(self._journal)
        self._mail: dict[str, Mail] = {}
        self._missing_orders: set[str] = set()
        self.live = SimpleNamespace(tell=lambda: None)
        self.interrupt_at: list[float] = []
        self.press: Callable[[], None] = lambda: None
        self._alive: set[str] = set()
        self._silent: set[str] = set()
        self._queues: dict[str, deque[int]] = {}
        self._running: dict[str, int] = {}
        self._arrivals: list[tuple[float, int, Callable[[], None]]] = []
        self._latest: dict[str, float] = {}
        self._order = count()
        self._waits = 0

    # what the controller asks of its crew

    def __bool__(self) -> bool:
        return bool(self._alive)

    def start(self, workers: Sequence[str]) -> None:
        for worker in workers:
            self._alive.add(worker)
            self._mail[worker] = Mail(self._journal(worker))
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
        if self._obeys(worker):
            self._queues[worker].extend(chain.from_iterable(lanes))
            self._go_on(worker)

    def tell(self, worker: str, order: messages.ControllerMessage) -> None:
        if not self._obeys(worker) or worker in self._silent:
            return
        if isinstance(order, messages.Recall):
            self._say(worker, messages.Returned(tuple(self._queues[worker])))
            self._queues[worker].clear()
        elif isinstance(order, messages.Finish):
            self._close(worker)

    def _obeys(self, worker: str) -> bool:
        """Whether it has this order. One that was missing is noticed with the next, and breaks the channel off."""
        if worker not in self._queues:
            return False
        if worker in self._missing_orders:
            self._die(worker)
            return False
        if self.random.random() < self._faults / 2:
            self._missing_orders.add(worker)
            return False
        return True

    def interrupt(self, worker: str) -> None:
        """Most let go of what they run."""
        if worker in self._queues and worker not in self._silent and self.random.random() < 0.7:
            if self.random.random() < 0.3 and worker in self._running:
                self._end(worker, self._running[worker])  # it had been about to end
            self._say(worker, messages.Halted("keyboard interrupt", internal=False))
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

    def exit_status(self, worker: str) -> str:
        self._die(worker, silently=True)
        return "was ended by SIGKILL"

    def was_killed(self, _worker: str) -> bool:
        return False  # it died by itself, for all that is known here

    def complaint(self, _worker: str) -> str:
        return ""

    def unsent(self, worker: str) -> Sequence[messages.WorkerMessage]:
        return self._received.unsent(worker)

    def all_unsent(self) -> list[tuple[str, messages.WorkerMessage]]:
        return [(worker, news) for worker in sorted(self._alive) for news in self.unsent(worker)]

    def read_journals(self) -> None:
        self._received.read_journals(sorted(self._alive))

    def lost(self, worker: str, _fate: str) -> None:
        self._alive.discard(worker)

    def closed(self, worker: str, _closed: messages.Closed) -> None:
        self._alive.discard(worker)

    def clashes(self, running: Iterable[tuple[str, float]]) -> list[Clash]:
        """Some stand in the set-up of a fixture, and seem to wait for what another one has."""
        waiting = [worker for worker, _ in running if self.random.random() < self.trouble / 2]
        return [Clash(worker, "another", WideFixture("session", "server", "")) for worker in waiting[:1]]

    def stopped(self) -> Sequence[str]:
        return sorted(self._silent & self._alive)

    def command_output(self, _worker: str) -> list[tuple[str, str]]:
        return []

    def last_output(self, _worker: str) -> list[tuple[str, str]]:
        return []

    def setup(self, _worker: str, **_waits: bool) -> str:
        return ""

    def stacks(self, _worker: str) -> str:
        return ""

    def welcome(self, worker: str, ready: messages.Ready) -> None: ...
    def dump(self, worker: str) -> None: ...
    def end_strays(self, worker: str) -> None: ...

    def gone(self) -> frozenset[str]:
        return frozenset()

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
        yield from self._received.wait(0)  # what was overheard
        while self._arrivals and self._arrivals[0][0] <= until:
            time, _, what = heappop(self._arrivals)
            self.now = max(self.now, time)
            what()
            if arrived := list(self._received.wait(0)):
                yield from arrived
                return
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
            self._speak(worker, GONE)

    def _maybe_die(self, worker: str) -> bool:
        if self.random.random() >= self.trouble:
            return False
        if self.random.random() < 0.2:
            self._silent.add(worker)  # stopped by a signal
            return True
        self._die(worker, b"\xc1" if self.random.random() < 0.2 else GONE)
        return True

    def _die(self, worker: str, end: object = GONE, *, silently: bool = False) -> None:
        """Of a check that it ran it may have said that it is over."""
        check = self._running.pop(worker, None)
        if check is not None and worker not in self._silent and self.random.random() < 0.3:
            self._mail[worker].keep(messages.Finished(check, (self.now, self.now), PHASES))
        if self._queues.pop(worker, None) is not None and not silently:
            self._speak(worker, end)

    def _say(self, worker: str, news: messages.WorkerMessage) -> None:
        if worker in self._silent:
            return
        mail = self._mail[worker]
        batch, held, mail.held = mail.post(news), mail.held, None
        fault = (
            self.random.choice(["lost", "repeated", "late", "swapped"]) if self.random.random() < self._faults else ""
        )
        if fault == "swapped" and held is None:
            mail.held = batch
        elif fault != "lost":
            self._speak(worker, batch, late=fault == "late")
        if fault == "repeated":
            self._speak(worker, batch)
        if self.random.random() < self._faults / 2 and not isinstance(news, messages.Closed):
            self._speak(worker, mail.post(self._made_up(worker)))
        if held is not None:
            self._speak(worker, held)

    def _made_up(self, worker: str) -> messages.WorkerMessage:
        """Anything but a failure of the check that runs, which may be one."""
        now = self.now
        check = self.random.choice([n for n in range(-1, CHECKS + 1) if n != self._running.get(worker)])
        made_up: list[messages.WorkerMessage] = [
            messages.Started(check, now),
            messages.Failed(check, (now, now), FAILED_PHASES),
            messages.Finished(check, (now, now), PHASES),
            messages.Finished(self._running.get(worker, check), (now, now), self.random.choice([(), PHASES[:2]])),
            messages.Late(check, PHASES[2]),
            messages.Returned((check,)),
            messages.Closed(b""),
        ]
        return self.random.choice(made_up)

    def _speak(self, worker: str, data: object, *, late: bool = False) -> None:
        """Delays differ, but nothing that one worker says overtakes."""
        delay = 3.0 if late else self.random.choice(DELAYS[:3])
        time = max(self.now + delay, self._latest.get(worker, 0.0))
        self._latest[worker] = time
        self._at(time, partial(self._received.receive, worker, data))

    def _at(self, time: float, action: Callable[[], None]) -> None:
        heappush(self._arrivals, (time, next(self._order), action))


def report(check: int, when: str, outcome: str) -> pytest.TestReport:
    kind: Any = outcome
    phase: Any = when
    text = None if outcome == "passed" else outcome
    return pytest.TestReport(f"n{check}", ("n", 0, "n"), {}, outcome=kind, longrepr=text, when=phase)


class Replay:
    """Counts how often each check was told of, and keeps the ledger as the real one does."""

    def __init__(self, store: ResultStore) -> None:
        self.told: Counter[int] = Counter()
        self._store = store

    def phases(self, check: int, _node: str, _phases: Sequence[messages.Phase]) -> None:
        self._store.passed(check)
        self.told[check] += 1

    def record(self, check: int, phases: Sequence[messages.Phase]) -> Sequence[pytest.TestReport]:
        reports = [report(check, phase.when, "rerun" if phase.report else "passed") for phase in phases]
        for each in reports:
            self._store.report(check, each)
        return reports

    def failure(
        self, check: int, text: str, outcome: Outcome, _sections: object = (), *, again: bool = False
    ) -> Sequence[pytest.TestReport]:
        lost = report(check, "call", "rerun" if again else "failed")
        self._store.lost(check, lost, outcome, text)
        return [lost]

    def late(self, check: int, _node: str, phase: messages.Phase) -> None:
        self.record(check, [phase])

    def settle(self, check: int, reports: Sequence[pytest.TestReport]) -> None:
        for each in reports:
            each.outcome = "failed" if str(each.outcome) == "rerun" else each.outcome
        self._store.settle(check, reports)

    def tell(self, check: int, _node: str, reports: Sequence[pytest.TestReport]) -> None:
        self.told[check] += 1
        assert str(reports[-1].outcome) != "rerun" or reports[-1].when == "teardown"

    def skip(self, check: int, _node: str | None, _reason: str) -> None:
        self.told[check] += 1

    def crash_message(self, check: int, worker: str, exit_status: str, setup: str) -> str:
        return f"{worker} {exit_status} {check}{setup}"

    def timeout_message(self, check: int, worker: str, setup: str) -> str:
        return f"{check} too long on {worker}{setup}"


class Watcher:
    def __init__(self) -> None:
        self.finished_checks: Counter[int] = Counter()

    def batch(self) -> AbstractContextManager[None]:
        return nullcontext()

    def finished(self, check: int) -> None:
        self.finished_checks[check] += 1

    def running(self, now: float, checks: object) -> None: ...
    def noted(self, text: str) -> None: ...

    def slow(self, check: int, worker: str, seconds: float, where: str) -> None: ...


@given(
    random=st.builds(Random, st.integers()),
    trouble=st.sampled_from([0.0, 0.1, 0.4]),
    faults=st.sampled_from([0.0, 0.02, 0.2]),
    workers=st.integers(1, 4),
    run_limit=st.sampled_from([None, None, 0.2, 2.0]),
    interrupts=st.lists(st.floats(0.0, 3.0), max_size=2),
    wait=st.sampled_from([None, 1, 3]),
)
@settings(max_examples=150, deadline=None)
def test_every_check_has_one_outcome_whatever_happens(  # noqa: PLR0917
    random: Random,
    trouble: float,
    faults: float,
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
    store, watcher = ResultStore(checks), Watcher()
    replay = Replay(store)
    session = SimpleNamespace(shouldfail=False, shouldstop=False)
    folder = TemporaryDirectory()
    world = World(random, trouble, faults, [check.retries for check in checks], Path(folder.name))
    members = frozenset(random.sample(range(CHECKS), 5))
    parts: Any = {"session": session, "pool": world, "store": store, "replay": replay, "watcher": watcher}
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
            least_reports=3,
            groups=() if wait is None else (Group(name="g", needed=wait, members=tuple(sorted(members))),),
        )
        world.interrupt_at = [world.now + after for after in sorted(interrupts)]
        world.press = lambda: controller._signals._end(SIGINT, None)
        with suppress(KeyboardInterrupt):
            controller.run()
    folder.cleanup()

    results = store.results()
    outcomes = Counter(result.outcome for result in results)
    assert outcomes.total() == CHECKS
    assert set(watcher.finished_checks.values()) <= {1}
    assert set(replay.told.values()) <= {1}
    ran = {result.check.index for result in results if result.attempts and result.message != "interrupted"}
    assert ran <= set(replay.told)
    for result in results:
        assert len(result.attempts) <= result.check.retries + 1
        assert all(attempt.outcome.bad for attempt in result.attempts[:-1])
    if trouble == faults == 0.0 and not interrupts and run_limit is None:
        assert controller.halt is None
        assert outcomes.keys() <= ({Outcome.PASSED} if wait is None else {Outcome.PASSED, Outcome.CANCELLED})
    if controller.halt is None:
        assert outcomes[Outcome.CANCELLED] <= (0 if wait is None else len(members) - wait)
