"""Carries out the scheduler's commands, and keeps what each worker has been given by them."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_parallel_agents.controller.assignments import Assignments, Misreported
from pytest_parallel_agents.controller.clocks import Clocks
from pytest_parallel_agents.controller.outcomes import Conclusions
from pytest_parallel_agents.controller.pending_retries import Reruns
from pytest_parallel_agents.controller.replay import Replay
from pytest_parallel_agents.controller.results import Ledger
from pytest_parallel_agents.controller.running_checks import Vigil
from pytest_parallel_agents.controller.stop_reason import Halt
from pytest_parallel_agents.controller.termination import Endings
from pytest_parallel_agents.controller.worker_pool import Crew
from pytest_parallel_agents.scheduling import events
from pytest_parallel_agents.wire import messages


class Commands:
    """`assignments` are those of the workers that are not known to have ended, by their names."""

    def __init__(
        self,
        *,
        crew: Crew,
        clocks: Clocks,
        conclude: Conclusions,
        endings: Endings,
        ledger: Ledger,
        replay: Replay,
        reruns: Reruns,
        vigil: Vigil,
        least_reports: int,
    ) -> None:
        self.assignments: dict[str, Assignments] = {}
        self._crew = crew
        self._clocks = clocks
        self._conclude = conclude
        self._endings = endings
        self._ledger = ledger
        self._replay = replay
        self._reruns = reruns
        self._vigil = vigil
        self._least_reports = least_reports

    def obey(self, commands: Sequence[events.Command]) -> Halt | None:
        """Do all of it. Returns why the run has to end, if no worker is to be had."""
        halt = None
        hired = [command.worker for command in commands if isinstance(command, events.Hire)]
        if hired:
            self.assignments.update((worker, Assignments(self._ledger.name, self._least_reports)) for worker in hired)
            try:
                self._crew.hire(hired)
            except OSError as error:
                halt = Halt(f"no worker could be started: {error}")
        for command in commands:
            match command:
                case events.Assign(worker=worker, lanes=lanes, then=then):
                    self.assignments[worker].add(command.checks)
                    self._crew.assign(worker, lanes, then, self._reruns.of(lanes))
                case events.Recall(worker=worker, rest=rest):
                    self._crew.tell(worker, messages.Recall(rest))
                case events.GoOn() | events.Release():
                    order = messages.GoOn() if isinstance(command, events.GoOn) else messages.Finish()
                    self._crew.tell(command.worker, order)
                case events.Kill(worker=worker, check=check, late=late):
                    start = self._vigil.since(worker)
                    if start is not None or not late:  # between two attempts nothing is late
                        why = self._replay.overdue(check, worker, self._crew.setup(worker)) if late else ""
                        self._endings.begin(worker, check, start, why, self._clocks.now())
                case events.Drop(check=check):
                    self._conclude.dropped(check)
        return halt

    def misreports(self, worker: str, news: messages.News) -> str:
        """What is wrong with a message, as text that fits after the worker's name; empty if it is right."""
        try:
            self.assignments[worker].note(news)
        except Misreported as fault:
            return str(fault)
        return ""
