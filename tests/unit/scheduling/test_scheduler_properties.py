"""Whatever happens and however late it is reported, the scheduler keeps its promises."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from itertools import accumulate, chain, combinations, count, pairwise
from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pytest_parallel_agents.independence.gate import verify
from pytest_parallel_agents.independence.order import Known
from pytest_parallel_agents.model.hosts import Host
from pytest_parallel_agents.model.plan import Check, Plan, Policy, SharedFixture
from pytest_parallel_agents.scheduling.events import (
    AssignLanes,
    BeginLast,
    CheckFinished,
    ChecksCancelled,
    ChecksReturned,
    CheckStarted,
    Command,
    DropCheck,
    EndCheck,
    Event,
    HostJoined,
    HostLost,
    RecallLanes,
    ReleaseWorker,
    RunStarted,
    RunStopped,
    StartWorker,
    Tick,
    WorkerCaughtUp,
    WorkerLost,
)
from pytest_parallel_agents.scheduling.scheduler import Scheduler
from tests.unit.independence.places import where

CHECKS = 200
MARKED = 0.3
RESOURCES = {"db": 1, "gpu": 2, "disk": 1}
NAMES = [*RESOURCES, "src/", "src/core", "src/core/a.py", "docs/", "env:HOME", "tcp:8080"]

Run = tuple[float, float, int, str]
"""Start, stop, check and worker."""

randoms = st.builds(Random, st.integers())
sizes = st.sampled_from([(1, 1), (2, 2), (4, 6), (8, 200)])


def random_plan(
    random: Random, *, count: int = CHECKS, timeouts: bool = False, per_host: frozenset[str] = frozenset()
) -> Plan:
    checks = [random_check(random, index, timeouts=timeouts) for index in range(count)]
    return verify(checks, resources=RESOURCES, per_host=per_host, policy=Policy.SERIALIZE, known=Known(), where=where)


def random_check(random: Random, index: int, *, timeouts: bool) -> Check:
    def some(probability: float) -> frozenset[str]:
        return frozenset(random.sample(NAMES, random.randint(1, 2)) if random.random() < probability else ())

    fixtures = SharedFixture(name="shared", scope="module", key=f"shared{random.randrange(40)}")
    return Check(
        index=index,
        nodeid=f"test_{index // 30}.py::n{index}",
        kind="test",
        name=f"n{index}",
        marked=random.random() < MARKED,
        reads=some(0.2),
        writes=some(0.1),
        after=(f"n{random.randrange(index)}",) if index and random.random() < 0.2 else (),
        cpus=random.choice([0, 1, 1, 1, 1, 1, 2, 4]),
        alone=random.random() < 0.02,
        fixtures=(fixtures,) if random.random() < 0.3 else (),
        timeout=random.choice([None, 0.5]) if timeouts else None,
    )


def random_seconds(random: Random) -> float:
    return random.choice([0.0, 0.001, 0.01, 0.3, 1.0]) * (1 + random.random())


def random_estimates(random: Random, durations: dict[int, float]) -> dict[int, float]:
    return {index: time * 5 ** random.uniform(-1, 1) for index, time in durations.items() if random.random() < 0.7}


class WorkerPool:
    """Workers that get commands late and report late, in order each, and that may die.

    If they look `ahead` they begin no check before they know what follows.
    """

    def __init__(
        self,
        plan: Plan,
        random: Random,
        *,
        cpus: int,
        max_workers: int,
        deaths: float = 0.0,
        ahead: bool = False,
        hosts: Sequence[Host] = (),
    ) -> None:
        self.plan = plan
        self.ahead = ahead
        self.durations = {index: random_seconds(random) for index in plan.checks}
        self.estimates = random_estimates(random, self.durations)
        self.cpus = cpus
        self.hosts = hosts or [Host(cpus=cpus, workers=max_workers)]
        self.host_of: dict[str, str] = {}
        self.events: list[Event] = []
        self.commands: list[list[Command]] = []
        self.runs: list[Run] = []
        self._random = random
        self._deaths = deaths
        self.dropped: list[int] = []
        self.unaffordable: list[int] = []
        self.costs: Mapping[int, float | None] = {}
        self.peeks: dict[int, int | None] = {}
        self.known_last: set[int] = set()
        self._waiting: set[str] = set()
        self._lost_hosts: set[str] = set()
        self._finishing: set[str] = set()
        self._queues: dict[str, deque[deque[int]]] = {}
        self._then: dict[str, int | None] = {}
        self._begun: set[str] = set()
        self._running: dict[str, tuple[int, float]] = {}
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._now = 0.0
        self._latest: dict[str, float] = {}
        self.scheduler = self.new_scheduler()

    def new_scheduler(self) -> Scheduler:
        return Scheduler(self.plan, estimates=self.estimates, hosts=self.hosts, ahead=self.ahead)

    def run(
        self,
        *,
        stop_at: float | None = None,
        cancel_at: Mapping[float, tuple[int, ...]] = {},
        lose_at: Mapping[float, str] = {},
        join_at: Mapping[float, Host] = {},
    ) -> None:
        self._tell(RunStarted(0.0))
        for time, name in lose_at.items():
            self._at(time, lambda name=name: self._lose_host(name))  # type: ignore[misc]
        for time, host in join_at.items():
            self._at(time, lambda host=host: self._tell(HostJoined(host, self._now)))  # type: ignore[misc]
        for time, checks in cancel_at.items():
            self._at(time, lambda checks=checks: self._tell(ChecksCancelled(self.unended(checks), self._now)))  # type: ignore[misc]
        if stop_at is not None:
            self._at(stop_at, lambda: self._tell(RunStopped(self._now)))
        self._run_agenda()

    def run_on(self, *, joined: Host) -> None:
        """Goes on after `run`, with another host."""
        self._tell(HostJoined(joined, self._now))
        self._run_agenda()

    def _run_agenda(self) -> None:
        while self._agenda:
            deadline = self.scheduler.deadline
            if deadline is not None and deadline < self._agenda[0][0]:
                self._now = max(self._now, deadline)
                self._tell(Tick(self._now))
            else:
                self._now, _, action = heappop(self._agenda)
                action()

    def _lose_host(self, name: str) -> None:
        """The workers of the host die, and commands to start others there come to nothing."""
        self._lost_hosts.add(name)
        self._tell(HostLost(name, self._now))
        for worker in [worker for worker in self._queues if self.host_of[worker] == name]:
            self._die(worker)

    def unended(self, checks: tuple[int, ...]) -> tuple[int, ...]:
        """The checks that have not been reported to the scheduler as over."""
        over = {event.check for event in self.events if isinstance(event, CheckFinished)}
        over |= {event.running for event in self.events if isinstance(event, WorkerLost) and event.running is not None}
        return tuple(check for check in checks if check not in over)

    def _tell(self, event: Event) -> None:
        self.events.append(event)
        self.commands.append(self.scheduler.handle(event))
        for command in self.commands[-1]:
            if isinstance(command, DropCheck):
                self.dropped.append(command.check)
                self.unaffordable += [command.check] if command.is_unaffordable else []
                continue
            self._later(f"to {command.worker}", lambda command=command: self._obey(command))  # type: ignore[misc]

    def _obey(self, command: StartWorker | AssignLanes | RecallLanes | BeginLast | EndCheck | ReleaseWorker) -> None:
        if isinstance(command, StartWorker):
            self.host_of[command.worker] = command.host
            self._queues[command.worker] = deque()
            if command.host in self._lost_hosts:
                self._die(command.worker)
        elif command.worker not in self._queues:
            assert not isinstance(command, ReleaseWorker) or self._deaths or self._lost_hosts
        elif isinstance(command, AssignLanes):
            assert command.worker not in self._finishing
            if self.ahead:
                self._waiting.add(command.worker)
            self._queues[command.worker].extend(map(deque, command.lanes))
            self._then[command.worker] = command.next_check
            self._go_on(command.worker)
        elif isinstance(command, RecallLanes):
            self._give_back(command.worker, rest=command.rest)
        elif isinstance(command, EndCheck):
            if self._running.get(command.worker, (None,))[0] == command.check:
                self._die(command.worker)
        else:
            assert self.ahead or not (self._queues[command.worker] or command.worker in self._running)
            self._waiting.discard(command.worker)
            if isinstance(command, ReleaseWorker):
                self._finishing.add(command.worker)
            self._go_on(command.worker)

    def _give_back(self, worker: str, *, rest: bool) -> None:
        queue = self._queues[worker]
        kept = [] if rest or not queue or worker not in self._begun else [queue.popleft()]
        if worker in self._waiting and not rest:
            needed = (worker not in self._running) + 1 - sum(map(len, kept))
            while needed > 0 and queue:
                kept.append(queue.popleft())
                needed -= len(kept[-1])
        self._report(ChecksReturned(worker, tuple(chain.from_iterable(queue)), self._now))
        if rest or queue:
            self._then[worker] = None
        self._queues[worker] = deque(kept)

    def _peek(self, worker: str) -> int | None:
        queue = self._queues[worker]
        return queue[0][0] if queue else self._then[worker]

    def _go_on(self, worker: str) -> None:
        queue = self._queues.get(worker)
        if queue is None or worker in self._running or (worker in self._waiting and sum(map(len, queue)) < 2):
            return
        if not queue:
            if worker in self._finishing:
                del self._queues[worker]
            return
        if self._random.random() < self._deaths / 4:
            self._die(worker)
            return
        check = queue[0].popleft()
        if queue[0]:
            self._begun.add(worker)
        else:
            self._begun.discard(worker)
            queue.popleft()
        if worker in self._finishing and not queue:
            self.known_last.add(check)
        self._running[worker] = check, self._now
        self._report(CheckStarted(worker, check, self._now))
        dies = self._random.random() < self._deaths
        self._at(self._now + self.durations[check], lambda: self._end(worker, check, dies=dies))

    def _end(self, worker: str, check: int, *, dies: bool) -> None:
        if self._running.get(worker, (None,))[0] != check:
            return
        if dies:
            self._die(worker)
            return
        if self._random.random() < self._deaths:  # and is tried again here, after a pause
            pause = random_seconds(self._random)
            self._report(CheckStarted(worker, check, self._now + pause))
            self._at(self._now + pause + self.durations[check], lambda: self._end(worker, check, dies=False))
            return
        self._note_run(worker)
        self.peeks[check] = self._peek(worker)
        seconds = self.durations[check] if self._random.random() < 0.8 else None
        self._report(CheckFinished(worker, check, self._now, seconds, self.costs.get(check)))
        if self._random.random() < 0.5:
            self._report(WorkerCaughtUp(worker, self._now))
        self._go_on(worker)

    def _die(self, worker: str) -> None:
        running = None
        if worker in self._running and self._random.random() < 0.3:
            del self._running[worker]  # the check is to be tried again
        elif worker in self._running:
            running = self._note_run(worker)
        del self._queues[worker]
        self._report(WorkerLost(worker, running, self._now))

    def _note_run(self, worker: str) -> int:
        check, start = self._running.pop(worker)
        self.runs.append((start, self._now, check, worker))
        return check

    def _report(self, event: CheckStarted | CheckFinished | WorkerCaughtUp | ChecksReturned | WorkerLost) -> None:
        self._later(f"from {event.worker}", lambda: self._tell(event))

    def _later(self, line: str, action: Callable[[], None]) -> None:
        """Delays differ, but nothing on one line overtakes."""
        time = max(self._now + self._random.choice([0.0, 0.001, 0.05]), self._latest.get(line, 0.0))
        self._latest[line] = time
        self._at(time, action)

    def _at(self, time: float, action: Callable[[], None]) -> None:
        heappush(self._agenda, (time, next(self._order), action))


def conflicting(plan: Plan, left: int, right: int, *, same_host: bool) -> bool:
    if plan.checks[left].alone or plan.checks[right].alone:
        return True
    for mine in plan.locks.get(left, ()):
        for theirs in plan.locks.get(right, ()):
            writers = mine.write + theirs.write
            shared = mine.name == theirs.name and (same_host or mine.name not in plan.per_host)
            if shared and (writers == 1 or writers > plan.capacities.get(mine.name, 1)):
                return True
    return False


def clashing(workers: WorkerPool) -> Iterator[tuple[int, int]]:
    """Checks that ran at the same time and must not."""
    for (start, stop, check, worker), (other_start, other_stop, other, elsewhere) in combinations(workers.runs, 2):
        if start < other_stop and other_start < stop:
            same_host = workers.host_of[worker] == workers.host_of[elsewhere]
            if conflicting(workers.plan, check, other, same_host=same_host):
                yield check, other


def most_at_once(runs: list[tuple[float, float, int]]) -> int:
    """The highest sum of amounts, given as (start, stop, amount)."""
    changes = sorted([(stop, -amount) for start, stop, amount in runs if start < stop])
    changes += [(start, amount) for start, stop, amount in runs if start < stop]
    level = highest = 0
    for _, change in sorted(changes):
        level += change
        highest = max(highest, level)
    return highest


def assert_promises_kept(workers: WorkerPool) -> None:
    plan = workers.plan
    starts = {check: start for start, _, check, _ in workers.runs}
    stops = {check: stop for _, stop, check, _ in workers.runs}
    assert len(workers.runs) == len(starts), "a check ran twice"
    assert not list(clashing(workers))
    largest = max(host.cpus for host in workers.hosts)
    for host in all_hosts(workers):
        runs = [run for run in workers.runs if workers.host_of[run[-1]] == host.name]
        claims = [(start, stop, min(plan.checks[check].cpus, largest, host.cpus)) for start, stop, check, _ in runs]
        assert most_at_once(claims) <= host.cpus
    for name, capacity in plan.capacities.items():
        for runs, most in writers_and_most(workers, name, capacity):
            assert most_at_once([(start, stop, 1) for start, stop, *_ in runs]) <= most
    for check, others in plan.predecessors.items():
        assert check not in starts or all(stops.get(other, 0.0) <= starts[check] for other in others)
    for lane in plan.lanes:
        assert all(stops.get(one, 0.0) <= starts[other] for one, other in pairwise(lane) if other in starts)


def all_hosts(workers: WorkerPool) -> list[Host]:
    return [*workers.hosts, *(event.host for event in workers.events if isinstance(event, HostJoined))]


def writers_and_most(workers: WorkerPool, name: str, capacity: int) -> Iterator[tuple[list[Run], int]]:
    """The runs of all that write the resource, and how many of them may overlap; those of each host, if it counts."""
    writing = [run for run in workers.runs if (name, True) in held(workers.plan, run[2])]
    if name not in workers.plan.per_host:
        yield writing, capacity
        return
    for host in all_hosts(workers):
        here = [run for run in writing if workers.host_of[run[-1]] == host.name]
        yield here, host.capacities.get(name, capacity)


def held(plan: Plan, check: int) -> set[tuple[str, bool]]:
    return {(lock.name, lock.write) for lock in plan.locks.get(check, ())}


def workers_alive(commands: list[list[Command]]) -> list[int]:
    """How many are started and not released, after each command."""
    flat = [command for answer in commands for command in answer]
    return list(accumulate(isinstance(one, StartWorker) - isinstance(one, ReleaseWorker) for one in flat))


@given(random=randoms, size=sizes)
@settings(max_examples=30, deadline=None)
def test_every_check_runs_once_and_apart_from_what_it_conflicts_with(random: Random, size: tuple[int, int]) -> None:
    workers = WorkerPool(random_plan(random), random, cpus=size[0], max_workers=size[1])
    workers.run()
    assert workers.scheduler.done
    assert {check for _, _, check, _ in workers.runs} == set(workers.plan.checks)
    assert_promises_kept(workers)
    alive = workers_alive(workers.commands)
    assert max(alive) <= size[1]
    assert alive[-1] == 0
    worker_of = {check: worker for _, _, check, worker in workers.runs}
    assert all(len({worker_of[check] for check in lane}) == 1 for lane in workers.plan.lanes)


@given(random=randoms, size=sizes)
@settings(max_examples=30, deadline=None)
def test_lost_workers_and_time_limits_cost_no_other_check(random: Random, size: tuple[int, int]) -> None:
    workers = WorkerPool(random_plan(random, timeouts=True), random, cpus=size[0], max_workers=size[1], deaths=0.1)
    workers.run()
    assert workers.scheduler.done
    assert {check for _, _, check, _ in workers.runs} == set(workers.plan.checks)
    assert_promises_kept(workers)


@given(random=randoms, size=sizes, deaths=st.sampled_from([0.0, 0.1]))
@settings(max_examples=30, deadline=None)
def test_workers_that_wait_to_know_what_follows_do_all_the_same(
    random: Random, size: tuple[int, int], deaths: float
) -> None:
    plan = random_plan(random, timeouts=deaths > 0)
    workers = WorkerPool(plan, random, cpus=size[0], max_workers=size[1], deaths=deaths, ahead=True)
    workers.run()
    assert workers.scheduler.done
    assert {check for _, _, check, _ in workers.runs} == set(workers.plan.checks)
    assert_promises_kept(workers)


@given(random=randoms, cpus=st.integers(min_value=1, max_value=8), files=st.integers(min_value=1, max_value=30))
@settings(max_examples=30, deadline=None)
def test_each_worker_knows_what_follows_and_which_check_is_its_last(random: Random, cpus: int, files: int) -> None:
    checks = {
        index: Check(index=index, nodeid=f"test_{index * files // CHECKS}.py::n{index}", kind="test", name=f"n{index}")
        for index in range(CHECKS)
    }
    workers = WorkerPool(
        Plan(checks=checks, lanes=tuple((check,) for check in checks)), random, cpus=cpus, max_workers=cpus, ahead=True
    )
    workers.run()
    assert workers.scheduler.done
    for worker in {worker for *_, worker in workers.runs}:
        ran = [check for *_, check, where in workers.runs if where == worker]
        assert [workers.peeks[one] for one in ran[:-1]] == ran[1:]
        assert ran[-1] in workers.known_last


@given(random=randoms, size=sizes, stop_at=st.floats(min_value=0, max_value=10))
@settings(max_examples=30, deadline=None)
def test_after_a_stop_the_unstarted_are_known(random: Random, size: tuple[int, int], stop_at: float) -> None:
    workers = WorkerPool(random_plan(random), random, cpus=size[0], max_workers=size[1], deaths=0.05)
    workers.run(stop_at=stop_at)
    assert workers.scheduler.done
    ran = [check for _, _, check, _ in workers.runs]
    assert sorted([*ran, *workers.scheduler.unstarted]) == sorted(workers.plan.checks)
    assert_promises_kept(workers)


@given(random=randoms, cpus=st.integers(min_value=2, max_value=4))
@settings(max_examples=20, deadline=None)
def test_a_lane_under_way_keeps_its_fixtures_when_others_are_taken_from_its_worker(random: Random, cpus: int) -> None:
    lanes: list[tuple[int, ...]] = [(0,)]
    while lanes[-1][-1] < CHECKS - 1:
        first = lanes[-1][-1] + 1
        lanes.append(tuple(range(first, min(first + random.randint(1, 3), CHECKS))))
    checks = {index: Check(index=index, nodeid=f"n{index}", kind="test", name=f"n{index}") for index in range(CHECKS)}
    workers = WorkerPool(Plan(checks=checks, lanes=tuple(lanes)), random, cpus=cpus, max_workers=cpus)
    workers.estimates.clear()
    workers.scheduler = workers.new_scheduler()
    workers.run()
    assert all(workers.peeks[one] == other for lane in lanes for one, other in pairwise(lane))


@given(random=randoms, size=sizes, deaths=st.sampled_from([0.0, 0.05]))
@settings(max_examples=50, deadline=None)
def test_what_is_cancelled_is_dropped_or_killed_and_nothing_else_is(
    random: Random, size: tuple[int, int], deaths: float
) -> None:
    workers = WorkerPool(random_plan(random), random, cpus=size[0], max_workers=size[1], deaths=deaths)
    cancels = {random.uniform(0, 20): tuple(random.sample(range(CHECKS), random.randint(1, 60))) for _ in range(5)}
    workers.run(cancel_at=cancels)
    assert workers.scheduler.done
    ran = [check for _, _, check, _ in workers.runs]
    assert sorted([*ran, *workers.dropped]) == sorted(workers.plan.checks), "each once"
    assert set(workers.dropped) <= set(chain.from_iterable(cancels.values()))
    assert_promises_kept(workers)
    assert workers_alive(workers.commands)[-1] == sum(isinstance(event, WorkerLost) for event in workers.events)
    long_gone = max(cancels) + 1.0
    first = {check: time for time in sorted(cancels, reverse=True) for check in cancels[time]}
    assert all(start < first[check] + 1.0 for start, _, check, _ in workers.runs if check in first), long_gone


@given(random=randoms, size=sizes)
@settings(max_examples=10, deadline=None)
def test_the_same_events_give_the_same_commands(random: Random, size: tuple[int, int]) -> None:
    workers = WorkerPool(random_plan(random), random, cpus=size[0], max_workers=size[1], deaths=0.1)
    workers.run()
    again = workers.new_scheduler()
    assert [again.handle(event) for event in workers.events] == workers.commands


@given(random=randoms, cpus=st.integers(min_value=1, max_value=8))
@example(random=Random(14576744), cpus=8)  # noqa: S311 - a promised lane is returned and given out again
@settings(max_examples=20, deadline=None)
def test_what_was_promised_to_follow_follows(random: Random, cpus: int) -> None:
    workers = WorkerPool(random_plan(random), random, cpus=cpus, max_workers=CHECKS)
    workers.run()
    promised: dict[str, int | None] = {}
    for event, answer in zip(workers.events, workers.commands, strict=True):
        if isinstance(event, ChecksReturned) and event.checks:
            promised[event.worker] = None  # what was to follow on a lane follows only if the lane stays
        for command in answer:
            if not isinstance(command, AssignLanes):
                continue
            assert promised.get(command.worker) in (None, command.checks[0])
            promised[command.worker] = command.next_check
