"""The scheduler's events and commands. Nothing else passes between it and the workers.

Each worker reads its commands in the order in which they were sent and reports events in the order in which they
happened. Times are seconds on one monotonic clock. Checks are named by their index, workers by `gw0`, `gw1`, ...
"""

from __future__ import annotations

import msgspec

from pytest_parallel_agents.model.hosts import LOCAL, Host


class RunStarted(msgspec.Struct, frozen=True):
    """The run begins: the first event, once."""

    time: float


class CheckStarted(msgspec.Struct, frozen=True):
    """An attempt of the check begins, now or after a pause. Its time limit is counted from `time`."""

    worker: str
    check: int
    time: float


class CheckFinished(msgspec.Struct, frozen=True):
    """The check is over, however it ended. `seconds` is how long it took and `cost` the dollars that it spent, if that
    is known.
    """

    worker: str
    check: int
    time: float
    seconds: float | None = None
    cost: float | None = None


class WorkerCaughtUp(msgspec.Struct, frozen=True):
    """All that this worker has reported by now has been handled: it may be sent more before it falls idle."""

    worker: str
    time: float


class ChecksReturned(msgspec.Struct, frozen=True):
    """The answer to RecallLanes: which assigned checks had not started and now never will there. May be none."""

    worker: str
    checks: tuple[int, ...]
    time: float


class WorkerLost(msgspec.Struct, frozen=True):
    """The worker has exited, and the check that it was `running` is over. Its other checks go elsewhere."""

    worker: str
    running: int | None
    time: float


class OneWorkerFewer(msgspec.Struct, frozen=True):
    """A worker is about to be lost because another has what only one can have: from now on its host has one less."""

    worker: str
    time: float


class HostJoined(msgspec.Struct, frozen=True):
    """Workers may be started on another host from now on."""

    host: Host
    time: float


class HostLost(msgspec.Struct, frozen=True):
    """No worker can be started on this host any more. WorkerLost follows for each that lives there."""

    host: str
    time: float


class Tick(msgspec.Struct, frozen=True):
    """Nothing happened but time passed: due when `Scheduler.deadline` is reached."""

    time: float


class ChecksCancelled(msgspec.Struct, frozen=True):
    """These checks need not run, or go on. Each that has not started is answered by one DropCheck, sooner or later."""

    checks: tuple[int, ...]
    time: float


class RunStopped(msgspec.Struct, frozen=True):
    """No further check may start; what runs ends."""

    time: float


Event = (
    RunStarted
    | CheckStarted
    | CheckFinished
    | WorkerCaughtUp
    | ChecksReturned
    | WorkerLost
    | OneWorkerFewer
    | HostJoined
    | HostLost
    | Tick
    | ChecksCancelled
    | RunStopped
)


class StartWorker(msgspec.Struct, frozen=True):
    """Start this worker on this host. Commands to it may follow at once."""

    worker: str
    host: str = LOCAL


class AssignLanes(msgspec.Struct, frozen=True):
    """Run these checks in this order, after what the worker already has. `lanes` holds them by the lane of each.

    `next_check` is the check of the same lane that comes next on this worker, though it may not be assigned yet: the
    fixtures that both use can stay. Another check comes between only when no more workers can be started.
    """

    worker: str
    lanes: tuple[tuple[int, ...], ...]
    next_check: int | None

    @property
    def checks(self) -> tuple[int, ...]:
        return tuple(check for lane in self.lanes for check in lane)


class RecallLanes(msgspec.Struct, frozen=True):
    """Return the lanes that have not begun, and with `rest` what is left of the one under way.

    Otherwise that stays, since the fixtures of its checks are there. Answered by one ChecksReturned.
    """

    worker: str
    rest: bool = False


class EndCheck(msgspec.Struct, frozen=True):
    """The time limit of this check has passed, or it was cancelled.

    Answered by WorkerLost, or by CheckFinished if the check was quicker.
    """

    worker: str
    check: int
    late: bool = True


class BeginLast(msgspec.Struct, frozen=True):
    """For a worker that waits before its last check until it knows what follows: begin it, though that is not known."""

    worker: str


class DropCheck(msgspec.Struct, frozen=True):
    """The check was cancelled before it started, or is too expensive for what is left of the budget. It never will
    start.
    """

    check: int
    is_unaffordable: bool = False


class ReleaseWorker(msgspec.Struct, frozen=True):
    """Nothing more will come: run what there is, tear down and exit. Not answered."""

    worker: str


Command = StartWorker | AssignLanes | RecallLanes | BeginLast | EndCheck | DropCheck | ReleaseWorker
