"""The controller's loop: handles arrivals from workers, and executes what follows.

It alone calls pytest's hooks, so that every plugin sees the reports as if the checks had run here.
"""

from __future__ import annotations

from collections.abc import Iterable

from pytest_parallel_agents.controller.commands import Commands
from pytest_parallel_agents.controller.message_handler import MessageHandler
from pytest_parallel_agents.controller.stop_reason import Interrupted
from pytest_parallel_agents.controller.stopping import Stopping
from pytest_parallel_agents.controller.supervisor import Supervisor
from pytest_parallel_agents.controller.workers.incoming import Arrival
from pytest_parallel_agents.controller.workers.worker_pool import WorkerPool


class Controller:
    """Runs one plan to its end."""

    def __init__(
        self,
        pool: WorkerPool,
        messages: MessageHandler,
        commands: Commands,
        supervisor: Supervisor,
        stopping: Stopping,
    ) -> None:
        self._pool = pool
        self._messages = messages
        self._commands = commands
        self._supervisor = supervisor
        self._stopping = stopping

    def run(self) -> None:
        """Returns when every check is over and every worker has ended. Re-raises KeyboardInterrupt after a
        clean end.
        """
        with self._stopping.signals.handled(self._pool.inbox.wake):
            try:
                with self._messages.watched():
                    self._commands.begin()
                    while self._commands.awaits_host() or self._pool:
                        self._step()
                self._messages.abandon_retries()
            except KeyboardInterrupt:
                self._interrupt()
                raise

    def _step(self) -> None:
        self._pool.live_output.show_arrived()
        with self._messages.batch():
            self._take(self._pool.inbox.wait(self._seconds_to_wait()))
        self._commands.take_joined()
        self._commands.run_pending()
        self._stopping.answer_signals()
        now = self._commands.now()
        self._commands.tick(now)
        self._supervisor.look(now)
        self._commands.run_pending()

    def _take(self, arrivals: Iterable[Arrival]) -> None:
        for arrival in arrivals:
            self._messages.handle(arrival)
            self._commands.run_pending()

    def _seconds_to_wait(self) -> float:
        """Seconds until something is due even if nothing arrives."""
        deadline = self._commands.deadline
        due = self._supervisor.due if deadline is None else min(deadline, self._supervisor.due)
        return max(0.0, due - self._commands.now())

    def _interrupt(self) -> None:
        """Ctrl-C: running checks may tear down their fixtures; after a while, or at the next Ctrl-C, all workers are
        killed.
        """
        self._commands.forget_pending()
        self._stopping.request(Interrupted("keyboard interrupt"))
        self._commands.run_pending()
        try:
            self._messages.interrupt_all()
            until = self._commands.now() + self._supervisor.grace
            while self._pool and (left := until - self._commands.now()) > 0:
                self._take(self._pool.inbox.wait(left))
                self._pool.live_output.show_arrived()
        except KeyboardInterrupt:
            pass  # the second one
        self._take(self._pool.inbox.wait(0.0))
        self._messages.give_up()
        self._messages.abandon_retries()
