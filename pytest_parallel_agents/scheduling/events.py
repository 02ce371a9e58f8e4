"""What the scheduler hears and what it says. Nothing else passes between it and the workers.

Each worker reads its commands in the order in which they were given and reports in the order in which things happened.
Times are seconds on one monotonic clock. Checks are named by their index, workers by `gw0`, `gw1`, ...
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Begin:
    """The run begins: the first event, once."""

    time: float


@dataclass(frozen=True, slots=True)
class Started:
    worker: str
    check: int
    time: float


@dataclass(frozen=True, slots=True)
class Finished:
    """The check is over, however it ended."""

    worker: str
    check: int
    time: float


@dataclass(frozen=True, slots=True)
class Returned:
    """The answer to Recall: which assigned checks had not started and now never will there. May be none."""

    worker: str
    checks: tuple[int, ...]
    time: float


@dataclass(frozen=True, slots=True)
class Lost:
    """The worker is gone, and the check `running` with it is over. What had not started goes elsewhere."""

    worker: str
    running: int | None
    time: float


@dataclass(frozen=True, slots=True)
class Tick:
    """Nothing happened but time passed: due when `Scheduler.deadline` is reached."""

    time: float


@dataclass(frozen=True, slots=True)
class Cancel:
    """These checks need not run, or go on. Each that has not started is answered by one Drop, sooner or later."""

    checks: tuple[int, ...]
    time: float


@dataclass(frozen=True, slots=True)
class Stop:
    """No further check may start; what runs ends."""

    time: float


Event = Begin | Started | Finished | Returned | Lost | Tick | Cancel | Stop


@dataclass(frozen=True, slots=True)
class Hire:
    """Start this worker. Commands to it may follow at once."""

    worker: str


@dataclass(frozen=True, slots=True)
class Assign:
    """Run these checks in this order, after what the worker already has. `lanes` holds them by the lane of each.

    `then` is the check of the same lane that comes next on this worker, though it may not be assigned yet: the
    fixtures that both use can stay. Another check comes between only when there are no more workers to be had.
    """

    worker: str
    lanes: tuple[tuple[int, ...], ...]
    then: int | None

    @property
    def checks(self) -> tuple[int, ...]:
        return tuple(check for lane in self.lanes for check in lane)


@dataclass(frozen=True, slots=True)
class Recall:
    """Give back the lanes that have not begun, and with `rest` what is left of the one under way.

    Otherwise that stays, since the fixtures of its checks are there. Answered by one Returned.
    """

    worker: str
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Kill:
    """The time limit of this check has passed, or it was cancelled.

    Answered by Lost, or by Finished if the check was quicker.
    """

    worker: str
    check: int
    late: bool = True


@dataclass(frozen=True, slots=True)
class Drop:
    """The check was cancelled before it started, and never will."""

    check: int


@dataclass(frozen=True, slots=True)
class Release:
    """Nothing more will come: tear down and exit. Not answered."""

    worker: str


Command = Hire | Assign | Recall | Kill | Drop | Release
