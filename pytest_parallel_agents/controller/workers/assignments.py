"""The checks that each worker was sent and has not reported on. Its messages must fit these, or it counts as lost.

A check may do anything to the messages of its worker. A message that is lost, repeated or made up shows here, because a
worker runs its checks in the order in which it got them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from pytest_parallel_agents.wire import messages

_FRAME_REPORTS: Final = 2
"""Set-up and tear-down have one each, however the check ends."""


class Misreported(Exception):
    """A worker has reported something impossible. The text fits after the worker's name."""


class Assignments:
    """The checks of one worker, in the order in which it runs them.

    `name` makes text of a check's index, `least_reports` is how many an attempt has whose set-up has passed.
    """

    def __init__(self, name: Callable[[int], str], least_reports: int) -> None:
        self._name = name
        self._least_reports = least_reports
        self._queue: deque[int] = deque()
        self._running: int | None = None
        self._ran: set[int] = set()
        self._may_leave = False
        self.ready = False

    @property
    def next(self) -> int | None:
        """The check that runs or is the next to run."""
        return self._queue[0] if self._queue else None

    def has_had(self, check: int) -> bool:
        """Whether the worker was given this check."""
        return check in self._ran or check in self._queue

    def add(self, checks: Iterable[int]) -> None:
        """The worker is sent these, after those that it has."""
        self._queue.extend(checks)

    def note(self, message: messages.WorkerMessage) -> None:
        """Records one message of the worker. Raises Misreported."""
        match message:
            case messages.Finished():
                self._finished(message)
            case messages.Started(check):
                self._started(check)
            case messages.AttemptFailed(check, _, phases):
                self._failed(check, phases)
            case messages.Late(check):
                self._demand(check == self._running or check in self._ran, "reported more of", check)
            case messages.Returned(checks):
                self._returned(checks)
            case messages.Halted():
                self._may_leave = True
            case messages.Ready():
                self.ready = True
            case messages.Closed():
                self._closed()

    def _started(self, check: int) -> None:
        """A check that was tried elsewhere is reported again when the pause before its next attempt begins."""
        self._demand(check == self.next and self._running in (None, check), "reported the start of", check)
        self._running = check

    def _failed(self, check: int, phases: Sequence[messages.Phase]) -> None:
        self._demand(check == self._running, "reported an attempt of", check)
        self._count(check, phases)
        self._ran.add(check)
        self._running = None

    def _finished(self, message: messages.Finished) -> None:
        """It may have begun within the same batch, and is then not reported as started."""
        check = message.check
        self._demand(check == self.next and self._running in (None, check), "reported the end of", check)
        if not message.error:
            self._count(check, message.phases)
        self._queue.popleft()
        self._ran.add(check)
        self._running = None

    def _count(self, check: int, phases: Sequence[messages.Phase]) -> None:
        """A check of which some reports are missing may have failed in these."""
        passed_setup = bool(phases) and phases[0].report is None
        least = self._least_reports if passed_setup else min(self._least_reports, _FRAME_REPORTS)
        if len(phases) < least:
            raise Misreported(f"reported the end of {self._name(check)} with {len(phases)} of {least} reports")

    def _returned(self, checks: tuple[int, ...]) -> None:
        left = list(self._queue)
        for check in checks:
            self._demand(check in left and check != self._running, "gave back", check)
            left.remove(check)
        self._queue = deque(left)

    def _closed(self) -> None:
        if self._queue and not self._may_leave:
            others = f" and {len(self._queue) - 1} more" if len(self._queue) > 1 else ""
            raise Misreported(
                f"ended as if it had nothing left to do, with {self._name(self._queue[0])}{others} missing"
            )

    def _demand(self, fits: bool, what: str, check: int) -> None:  # noqa: FBT001 - the condition comes first
        if not fits:
            raise Misreported(f"{what} {self._name(check)} out of turn")
