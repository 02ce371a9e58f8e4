"""How checks end: the ledger is told, and everybody who listens, unless their group has to be decided first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import pytest

from pytest_parallel_agents.controller.groups import Verdicts
from pytest_parallel_agents.controller.pending_retries import Attempted, Reruns
from pytest_parallel_agents.controller.replay import Replay
from pytest_parallel_agents.controller.results import Ledger, Span
from pytest_parallel_agents.controller.running_checks import Watcher
from pytest_parallel_agents.controller.same_reasons import SameReasons
from pytest_parallel_agents.controller.termination import Ending
from pytest_parallel_agents.controller.worker_pool import Crew
from pytest_parallel_agents.model import Outcome
from pytest_parallel_agents.wire import messages


class Conclusions(msgspec.Struct, frozen=True):
    """One method for each way in which a check can end."""

    crew: Crew
    ledger: Ledger
    replay: Replay
    verdicts: Verdicts
    watcher: Watcher
    reruns: Reruns
    same_reasons: SameReasons

    def reported(self, worker: str, news: messages.Finished, span: Span) -> None:
        """Its worker has said how it ended."""
        check = news.check
        if news.error or self.reruns.tried(check) or self.verdicts.concern(check):
            if news.error:
                reports = self.replay.failure(check, news.error, Outcome.ERROR)
                self.same_reasons.note(reports[0])
            else:
                reports = self.replay.record(check, news.phases)
            self._over(check, [*self.reruns.take(check), Attempted(worker, span, reports)])
        else:
            self.replay.phases(check, self.crew.node(worker), news.phases)
            self.ledger.ran(check, [(worker, span)])
            self.watcher.finished(check)

    def failed(self, worker: str, news: messages.Failed, span: Span) -> None:
        """Its worker has said how an attempt ended, and tries again."""
        self.reruns.add(news.check, Attempted(worker, span, self.replay.record(news.check, news.phases)))

    def lost(self, worker: str, check: int, span: Span, ending: Ending | None, fate: str = "", *, retry: bool) -> bool:
        """Its worker is gone or about to go, by itself or because it was asked to.

        Returns whether the check is to be tried again, as it may be with `retry`.
        """
        if ending is not None and not ending.late:
            self._cancelled(worker, check, span)
            return False
        again = retry and self.reruns.tried(check) < self.ledger.check(check).retries
        if ending is not None:
            text, outcome = ending.late, Outcome.TIMED_OUT
            output = self.crew.command_output(worker) or ending.output  # a command may have said more since
        else:
            text, outcome = (
                self.replay.obituary(check, worker, fate, self.crew.setup(worker, waits=False)),
                Outcome.CRASHED,
            )
            output = self.crew.last_output(worker)
        if stacks := self.crew.stacks(worker):
            text += f"\n\n{stacks}"
        attempt = Attempted(worker, span, self.replay.failure(check, text, outcome, output, again=again))
        if again:
            self.reruns.add(check, attempt)
        else:
            self._over(check, [*self.reruns.take(check), attempt])
        return again

    def abandoned(self, check: int) -> None:
        """It was to be tried again, and the run is over: its last attempt counts."""
        attempts = self.reruns.take(check)
        if attempts:  # another one's end may have cancelled it meanwhile
            self.replay.settle(check, attempts[-1].reports)
            self._over(check, attempts)

    def dropped(self, check: int) -> None:
        """It was not needed any more before it began."""
        self.verdicts.cancelled(check)
        self.ledger.tried(check, [(each.worker, each.span) for each in self.reruns.take(check)])
        self.watcher.finished(check)

    def interrupted(self, worker: str, check: int, span: Span) -> None:
        """The run ends, and nobody is told."""
        self.ledger.end(check, Outcome.CANCELLED, "interrupted")
        self._ran(check, self.reruns.take(check), (worker, span))

    def _cancelled(self, worker: str, check: int, span: Span) -> None:
        """It ran and was not needed any more."""
        self.verdicts.cancelled(check, self.crew.node(worker))
        self._ran(check, self.reruns.take(check), (worker, span))
        self.watcher.finished(check)

    def _over(self, check: int, attempts: Sequence[Attempted]) -> None:
        """Tell of all attempts of a check, the last of which counts."""
        self._ran(check, attempts)
        self._tell(attempts[-1].worker, check, [report for each in attempts for report in each.reports])
        self.watcher.finished(check)

    def _ran(self, check: int, earlier: Iterable[Attempted], *last: tuple[str, Span]) -> None:
        self.ledger.ran(check, [*((each.worker, each.span) for each in earlier), *last])

    def _tell(self, worker: str, check: int, reports: Sequence[pytest.TestReport]) -> None:
        node = self.crew.node(worker)
        if self.verdicts.concern(check):
            self.verdicts.ended(check, node, reports)
        else:
            self.replay.tell(check, node, reports)
