"""Whatever workers send, in whatever order, and whatever becomes of it on its way: every check has one outcome.

These outcomes add up to what was collected.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
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

from pytest_parallel_agents.compat.xdist import interpreter
from pytest_parallel_agents.controller import moves
from pytest_parallel_agents.controller.pending_events import PendingEvents
from pytest_parallel_agents.controller.results.groups import GroupOutcomes
from pytest_parallel_agents.controller.results.store import ResultStore
from pytest_parallel_agents.controller.workers import clock
from pytest_parallel_agents.controller.workers.assignments import Assignments
from pytest_parallel_agents.controller.workers.clock import RunClock
from pytest_parallel_agents.controller.workers.inbox import Inbox
from pytest_parallel_agents.controller.workers.incoming import GONE, Arrival
from pytest_parallel_agents.controller.workers.stuck_setups import StuckSetUp
from pytest_parallel_agents.controller.workers.worker_pool import WorkerPool
from pytest_parallel_agents.limits import Limits
from pytest_parallel_agents.model.hosts import LOCAL, Host
from pytest_parallel_agents.model.plan import Check, Group, Plan
from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.scheduling.scheduler import Scheduler
from pytest_parallel_agents.session.distribute import Terms, distribution
from pytest_parallel_agents.transports.base import Link
from pytest_parallel_agents.wire import messages, packing
from pytest_parallel_agents.wire.journal import Journal
from pytest_parallel_agents.wire.run_folder import RunFolder
from pytest_parallel_agents.wire.setups import WideFixture
from tests.unit.controller.silent_observer import SilentObserver

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


class SimulatedInbox(Inbox):
    """Time passes in the world, not here."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def arrived(self) -> list[Arrival]:
        return list(super().wait(0))

    def wait(self, seconds: float | None) -> Iterator[Arrival]:
        assert seconds is not None
        return self._world.wait(seconds)


class Process:
    """A worker's process, and its end of the channel."""

    def __init__(self, world: World, worker: str) -> None:
        self._world = world
        self._worker = worker

    def setcallback(self, callback: Callable[[object], None], endmarker: object) -> None:
        assert endmarker is GONE
        self._world.begin(self._worker, callback)

    def send(self, data: bytes) -> None:
        self._world.obey(self._worker, messages.decode_controller_message(data)[1])

    def _getremoteerror(self) -> None: ...

    def pid(self) -> int:
        return 1

    def interrupt(self) -> None:
        self._world.interrupt(self._worker)

    def kill(self) -> None:
        self._world.die(self._worker)

    def exit_status(self) -> int:
        self._world.die(self._worker, silently=True)
        return 1

    def host_fault(self) -> str:
        return ""

    def is_stopped(self) -> bool:
        return self._world.is_stopped(self._worker)

    def end_detached(self) -> None: ...
    def dump_stacks(self) -> None: ...
    def release(self) -> None: ...


class World:
    """Workers, their channels and the clock: stands in for a transport, and for what finds clashes.

    `faults` is how likely it is that a batch is lost, repeated, delayed or swapped with the next, that a message of the
    controller is lost, or that something is made up.
    """

    starts_clean = False
    lost = ""

    def __init__(
        self, random: Random, trouble: float, faults: float, retries: Sequence[int], folder: RunFolder
    ) -> None:
        self.random = random
        self._retries = retries
        self._tried: dict[tuple[str, int], int] = {}
        self.trouble = trouble
        self._faults = faults
        self.now = 1000.0
        self.inbox = SimulatedInbox(self)
        self._folder = folder
        self._receive: dict[str, Callable[[object], None]] = {}
        self._mail: dict[str, Mail] = {}
        self._missing_messages: set[str] = set()
        self.interrupt_at: list[float] = []
        self.press: Callable[[], None] = lambda: None
        self._silent: set[str] = set()
        self._queues: dict[str, deque[int]] = {}
        self._running: dict[str, int] = {}
        self._arrivals: list[tuple[float, int, Callable[[], None]]] = []
        self._latest: dict[str, float] = {}
        self._order = count()
        self._waits = 0

    # what the controller asks for

    def at(self, host: str) -> World:
        assert host == LOCAL
        return self

    def start(self, workers: Sequence[str], *, aside: bool = False) -> list[Link]:  # noqa: ARG002
        return [self._link(worker) for worker in workers]

    def _link(self, worker: str) -> Link:
        config = SimpleNamespace(stash={}, rootpath=Path("/"))
        node: Any = SimpleNamespace(gateway=SimpleNamespace(id=worker), workerinfo={}, config=config)
        process = Process(self, worker)
        return Link(node, process, process)

    def close(self) -> None: ...

    def begin(self, worker: str, receive: Callable[[object], None]) -> None:
        self._receive[worker] = receive
        self._mail[worker] = Mail(self._folder.of(worker).journal)
        self._queues[worker] = deque()
        self._say(worker, messages.Ready(1, self.now, packing.pack(interpreter())))
        self._maybe_die(worker)

    def obey(self, worker: str, message: messages.ControllerMessage) -> None:
        if not self._obeys(worker):
            return
        if isinstance(message, messages.Assign):
            assert all(times <= self._retries[check] for check, times in message.tried)
            self._tried.update({(worker, check): times for check, times in message.tried})
            self._queues[worker].extend(chain.from_iterable(message.lanes))
            self._go_on(worker)
        elif worker in self._silent:
            return
        elif isinstance(message, messages.Recall):
            self._say(worker, messages.Returned(tuple(self._queues[worker])))
            self._queues[worker].clear()
        elif isinstance(message, messages.Finish):
            self._close(worker)

    def _obeys(self, worker: str) -> bool:
        """Whether it has this message. One that was missing is noticed with the next, and breaks the channel off."""
        if worker not in self._queues:
            return False
        if worker in self._missing_messages:
            self.die(worker)
            return False
        if self.random.random() < self._faults / 2:
            self._missing_messages.add(worker)
            return False
        return True

    def interrupt(self, worker: str) -> None:
        """Most let go of what they run."""
        if worker in self._queues and worker not in self._silent and self.random.random() < 0.7:
            if self.random.random() < 0.3 and worker in self._running:
                self._end(worker, self._running[worker])  # it had been about to end
            self._say(worker, messages.Halted("keyboard interrupt", internal=False))
            self._close(worker)

    def is_stopped(self, worker: str) -> bool:
        return worker in self._silent

    def look(self, running: Iterable[tuple[str, float, int | None]], _workers: Iterable[str]) -> list[StuckSetUp]:
        """Some stand in the set-up of a fixture, and seem to wait for what another one has."""
        waiting = [worker for worker, *_ in running if self.random.random() < self.trouble / 2]
        return [StuckSetUp(worker, "another", WideFixture("session", "server", "")) for worker in waiting[:1]]

    def wait(self, seconds: float) -> Iterator[Arrival]:
        """Let time pass until something arrives, or for so long."""
        until = self.now + seconds if seconds == 0 else max(self.now + seconds, nextafter(self.now, inf))
        self._waits += 1
        assert self._waits < 10_000, "nothing happens any more"
        if self.interrupt_at and self.interrupt_at[0] <= until:
            self.now = max(self.now, self.interrupt_at.pop(0))
            self.press()
            return
        yield from self.inbox.arrived()  # what was read from journals
        while self._arrivals and self._arrivals[0][0] <= until:
            time, _, what = heappop(self._arrivals)
            self.now = max(self.now, time)
            what()
            if arrived := self.inbox.arrived():
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
            self._say(worker, messages.AttemptFailed(check, (self.now, self.now), FAILED_PHASES))
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
            self._say(worker, messages.Closed(packing.pack({})))
            self._speak(worker, GONE)

    def _maybe_die(self, worker: str) -> bool:
        if self.random.random() >= self.trouble:
            return False
        if self.random.random() < 0.2:
            self._silent.add(worker)  # stopped by a signal
            return True
        self.die(worker, b"\xc1" if self.random.random() < 0.2 else GONE)
        return True

    def die(self, worker: str, end: object = GONE, *, silently: bool = False) -> None:
        """It may have reported that the check it ran is over."""
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
            messages.AttemptFailed(check, (now, now), FAILED_PHASES),
            messages.Finished(check, (now, now), PHASES),
            messages.Finished(self._running.get(worker, check), (now, now), self.random.choice([(), PHASES[:2]])),
            messages.Late(check, PHASES[2]),
            messages.Returned((check,)),
            messages.Closed(packing.pack({})),
        ]
        return self.random.choice(made_up)

    def _speak(self, worker: str, data: object, *, late: bool = False) -> None:
        """Delays differ, but no message of one worker overtakes another."""
        delay = 3.0 if late else self.random.choice(DELAYS[:3])
        time = max(self.now + delay, self._latest.get(worker, 0.0))
        self._latest[worker] = time
        self._at(time, partial(self._receive[worker], data))

    def _at(self, time: float, action: Callable[[], None]) -> None:
        heappush(self._arrivals, (time, next(self._order), action))


def pool_of(world: World, run_clock: RunClock, store: ResultStore, folder: RunFolder) -> WorkerPool:
    def nothing(*_: object, **_settings: object) -> None: ...

    parts: Any = {
        "transport": world,
        "compat": SimpleNamespace(ready=nothing, down=nothing),
        "live_output": SimpleNamespace(expect=nothing, show_arrived=nothing),
    }
    return WorkerPool(
        run_folder=folder,
        inbox=world.inbox,
        clock=run_clock,
        assignments=lambda: Assignments(store.name, 3),
        grace=0.2,
        **parts,
    )


def report(check: int, when: str, outcome: str) -> pytest.TestReport:
    kind: Any = outcome
    phase: Any = when
    text = None if outcome == "passed" else outcome
    return pytest.TestReport(f"n{check}", ("n", 0, "n"), {}, outcome=kind, longrepr=text, when=phase)


class Replay:
    """Counts how often plugins were shown each check."""

    def __init__(self) -> None:
        self.shown: Counter[int] = Counter()

    def decode(self, check: int, phases: Sequence[messages.Phase]) -> Sequence[pytest.TestReport]:
        return [report(check, phase.when, "rerun" if phase.report else "passed") for phase in phases]

    def show_passed(self, check: int, _node: object, _phases: Sequence[messages.Phase]) -> None:
        self.shown[check] += 1

    def show(self, check: int, _node: object, reports: Sequence[pytest.TestReport]) -> None:
        self.shown[check] += 1
        assert str(reports[-1].outcome) != "rerun" or reports[-1].when == "teardown"

    def show_late(self, check: int, _node: object, report: pytest.TestReport) -> None: ...

    def show_skipped(self, check: int, _node: object, _reason: str) -> None:
        self.shown[check] += 1

    def failure(
        self, check: int, _text: str, _outcome: Outcome, _sections: object = (), *, again: bool = False
    ) -> Sequence[pytest.TestReport]:
        return [report(check, "call", "rerun" if again else "failed")]

    def as_failed(self, reports: Sequence[pytest.TestReport]) -> None:
        for each in reports:
            each.outcome = "failed" if str(each.outcome) == "rerun" else each.outcome

    def crashed(self, report: pytest.TestReport) -> None: ...


class Watcher(SilentObserver):
    def __init__(self) -> None:
        self.finished_checks: Counter[int] = Counter()

    def finished(self, check: int) -> None:
        self.finished_checks[check] += 1


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
    store, watcher, replay = ResultStore(checks), Watcher(), Replay()
    session = SimpleNamespace(shouldfail=False, shouldstop=False)
    folder = TemporaryDirectory()
    world = World(random, trouble, faults, [check.retries for check in checks], RunFolder(Path(folder.name)))
    members = frozenset(random.sample(range(CHECKS), 5))
    strategy = {"needed": None, "agree": wait} if random.random() < 0.3 else {"needed": wait}
    groups = () if wait is None else (Group(name="g", members=tuple(sorted(members)), **strategy),)
    with (
        mock.patch.object(clock, "time", SimpleNamespace(monotonic=lambda: world.now)),
        mock.patch.object(moves, "StuckSetUps", return_value=world),
    ):
        plan = Plan(
            checks={check.index: check for check in checks},
            lanes=tuple(batched(range(CHECKS), random.choice([1, 1, 3]))),
            predecessors={n: (n - 8,) for n in range(8, CHECKS, 8)},
        )
        run_clock = RunClock(world.now)
        parts: Any = {"session": session, "replay": replay, "observer": watcher}
        run = distribution(
            scheduler=Scheduler(plan, estimates={}, hosts=[Host(cpus=workers, workers=workers + 2)]),
            pool=pool_of(world, run_clock, store, RunFolder(Path(folder.name))),
            store=store,
            groups=GroupOutcomes(groups, store),
            pending=PendingEvents(run_clock),
            terms=Terms(
                Limits(check=TIME_LIMIT, run=run_limit, grace=0.2),
                limited=frozenset(random.choice([(), range(CHECKS)])),
                most_losses=random.choice([3, 1000]),
            ),
            **parts,
        )
        world.interrupt_at = [world.now + after for after in sorted(interrupts)]
        world.press = lambda: run.stopping.signals._end(SIGINT, None)
        with suppress(KeyboardInterrupt):
            run.run()
    folder.cleanup()

    results = store.results()
    outcomes = Counter(result.outcome for result in results)
    assert outcomes.total() == CHECKS
    assert set(watcher.finished_checks.values()) <= {1}
    assert set(replay.shown.values()) <= {1}
    ran = {result.check.index for result in results if result.attempts and result.message != "interrupted"}
    assert ran <= set(replay.shown)
    for result in results:
        assert len(result.attempts) <= result.check.retries + 1
        assert all(attempt.outcome.bad for attempt in result.attempts[:-1])
    if trouble == faults == 0.0 and not interrupts and run_limit is None:
        assert run.stopping.reason is None
        assert outcomes.keys() <= ({Outcome.PASSED} if wait is None else {Outcome.PASSED, Outcome.CANCELLED})
    if run.stopping.reason is None:
        assert outcomes[Outcome.CANCELLED] <= (0 if wait is None else len(members) - wait)
