"""All that the controller knows of one worker, and does with it."""

from __future__ import annotations

import contextlib
import math
import signal
from collections.abc import Iterable, Sequence
from typing import Any

from pytest_parallel_agents.controller.workers.assignments import Assignments
from pytest_parallel_agents.controller.workers.clock import RunClock
from pytest_parallel_agents.controller.workers.incoming import GONE, IncomingMessages
from pytest_parallel_agents.controller.workers.termination import RunningAttempt, Termination, TimedOut
from pytest_parallel_agents.process_tree import KILL
from pytest_parallel_agents.runtest.capture import command_output, last_output
from pytest_parallel_agents.runtest.stacks import shorten
from pytest_parallel_agents.transports.base import Link
from pytest_parallel_agents.wire import messages
from pytest_parallel_agents.wire.gateways import controller_side
from pytest_parallel_agents.wire.run_folder import WorkerFiles


class RemoteWorker:
    """One worker. Times are seconds since the run's start, `grace` is in seconds.

    `attempt` is its running attempt, as far as is known, and `notice_at` when that is reported to people again.
    `termination` is why it was asked to end, and `kill_at` when its grace is over. `was_stopped` and `was_gone` are the
    state of its process at the last look. `host` is the machine that it is on; empty for this one.
    """

    def __init__(
        self,
        link: Link,
        *,
        files: WorkerFiles,
        assignments: Assignments,
        incoming: IncomingMessages,
        clock: RunClock,
        grace: float,
    ) -> None:
        self.name: str = files.worker
        self.node = link.node
        self.files = files
        self.assignments = assignments
        self.incoming = incoming
        self.process = link.process
        self.host = link.host
        self._ahead = link.ahead
        self.attempt: RunningAttempt | None = None
        self.notice_at = math.inf
        self.termination: Termination | None = None
        self.kill_at = math.inf
        self.was_stopped = self.was_gone = False
        self.was_killed = False
        self._channel = link.channel
        self._clock = clock
        self._grace = grace
        self._offset = clock.offset_of()
        self._sent = 0
        self._killed_for = ""

    def listen(self) -> None:
        """Starts receiving the worker's messages."""
        self._channel.setcallback(self.incoming.receive, endmarker=GONE)

    def introduced(self, ready: messages.Ready, interpreter: dict[str, Any]) -> None:
        """The worker has started."""
        self._offset = self._clock.offset_of(ready.clock, known=self._ahead)
        self.node.workerinfo.update(interpreter)
        controller_side.introduce(self.node.gateway, pid=ready.pid, interpreter=interpreter)

    def send(self, message: messages.ControllerMessage) -> None:
        """Sends a message. A worker that has ended is reported by its channel's end."""
        self._sent += 1
        with contextlib.suppress(OSError):
            self._channel.send(messages.encode_controller_message(self._sent, message))

    def since_start(self, theirs: float) -> float:
        """Seconds since the run's start, of a time of the worker's clock."""
        return theirs + self._offset

    def span(self, theirs: tuple[float, float]) -> tuple[float, float]:
        """The same for a start and a stop."""
        return theirs[0] + self._offset, theirs[1] + self._offset

    def end_attempt(self, now: float) -> RunningAttempt | None:
        """Its attempt is over. Returns it; None if it had not begun yet."""
        attempt, self.attempt, self.notice_at = self.attempt, None, math.inf
        return None if attempt is None or attempt.start > now else attempt

    def terminate(self, termination: Termination, now: float) -> None:
        """Asks it to end, so that fixtures are torn down. Once its grace is over it is killed."""
        if self.termination is not None:
            return
        self.termination, self.kill_at = termination, now + self._grace
        if isinstance(termination, TimedOut):
            self.process.dump_stacks()
        self.process.interrupt()

    def kill(self, why: str = "") -> None:
        """Kills its process. `why` then replaces its exit status."""
        self._killed_for = why or self._killed_for
        self.process.kill()

    def await_exit(self) -> str:
        """Waits until its process has ended. Returns how, as text that fits after its name.

        `was_killed` is then whether it was killed from outside, which means nothing about its start.
        """
        status = self.process.exit_status()
        self.was_killed = status == -KILL and not self._killed_for
        return self._killed_for or describe_exit(status)

    def end_aside(self) -> str:
        """Leaves nothing of a worker that had none of the plan's checks and is about to end. Returns `channel_fault`:
        execnet prints one that nobody has looked at.
        """
        self.await_exit()
        self.process.end_detached()
        return self.channel_fault()

    def channel_fault(self) -> str:
        """The error at its end of the channel, as text that fits after its name; empty if there was none."""
        error = controller_side.remote_error(self._channel)
        return f"broke off: {error}" if error else ""

    def stacks(self) -> str:
        """The output of faulthandler when the worker crashed or hung; may be empty."""
        written = []
        for file in (self.files.timed_stacks, self.files.stacks):
            with contextlib.suppress(OSError):
                written.append(file.read_text(errors="replace").strip())
        return shorten("\n\n".join(written))

    def last_output(self) -> Sequence[tuple[str, str]]:
        """The output of its check, as report sections."""
        return last_output(self.files)

    def command_output(self) -> Sequence[tuple[str, str]]:
        """The output of a command alone. There may be more of it once the worker has ended."""
        return command_output(self.files)


def running(workers: Iterable[RemoteWorker]) -> list[tuple[RemoteWorker, RunningAttempt]]:
    """The workers that run an attempt, with the attempt."""
    return [(worker, worker.attempt) for worker in workers if worker.attempt is not None]


def describe_exit(status: int | None) -> str:
    """An exit status as people name it."""
    if status is None:
        return "ended without reporting why"
    if status >= 0:
        return f"exited with code {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"
