"""How checks end: the ledger is told, and everybody who listens, unless their group has to be decided first."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from pytest_parallel_agents.model import Outcome
from pytest_parallel_agents.workers import messages
from pytest_parallel_agents.workers.crew import Crew
from pytest_parallel_agents.workers.ledger import Ledger
from pytest_parallel_agents.workers.replay import Replay
from pytest_parallel_agents.workers.verdicts import Verdicts
from pytest_parallel_agents.workers.vigil import Watcher

Span = tuple[float, float]
"""Start and stop of an attempt, in seconds since the run's start."""


class Conclusions(msgspec.Struct, frozen=True):
    """One method for each way in which a check can end."""

    crew: Crew
    ledger: Ledger
    replay: Replay
    verdicts: Verdicts
    watcher: Watcher

    def reported(self, worker: str, news: messages.Finished, spans: Sequence[Span]) -> None:
        """Its worker has said how it ended."""
        if not news.error and not self.verdicts.concern(news.check):
            self.replay.phases(news.check, self.crew.node(worker), news.phases)
            self.ledger.ran(news.check, worker, spans)
        else:
            if news.error:
                reports = self.replay.failure(news.check, news.error, Outcome.ERROR)
            else:
                reports = self.replay.record(news.check, news.phases)
            self.ledger.ran(news.check, worker, spans)
            self._tell(worker, news.check, reports)
        self.watcher.finished(news.check)

    def crashed(self, worker: str, check: int, span: Span, fate: str) -> None:
        """Its worker is gone."""
        text = self.replay.obituary(check, worker, fate)
        self._lost(worker, check, span, text, Outcome.CRASHED, self.crew.last_output(worker))

    def timed_out(self, worker: str, check: int, span: Span, why: str, output: Sequence[tuple[str, str]]) -> None:
        """It had its time. `output`: report sections of what it had printed by then. A command may have said more."""
        self._lost(worker, check, span, why, Outcome.TIMED_OUT, self.crew.command_output(worker) or output)

    def cancelled(self, worker: str, check: int, span: Span) -> None:
        """It ran and was not needed any more."""
        self.verdicts.cancelled(check, self.crew.node(worker))
        self.ledger.ran(check, worker, [span])
        self.watcher.finished(check)

    def dropped(self, check: int) -> None:
        """It was not needed any more before it began."""
        self.verdicts.cancelled(check)
        self.watcher.finished(check)

    def interrupted(self, worker: str, check: int, span: Span) -> None:
        """The run ends, and nobody is told."""
        self.ledger.end(check, Outcome.CANCELLED, "interrupted")
        self.ledger.ran(check, worker, [span])

    def _lost(  # noqa: PLR0917 - all that is known of it
        self, worker: str, check: int, span: Span, text: str, outcome: Outcome, output: Sequence[tuple[str, str]]
    ) -> None:
        stacks = self.crew.stacks(worker)
        reports = self.replay.failure(check, f"{text}\n\n{stacks}" if stacks else text, outcome, output)
        self.ledger.ran(check, worker, [span])
        self._tell(worker, check, reports)
        self.watcher.finished(check)

    def _tell(self, worker: str, check: int, reports: Sequence[pytest.TestReport]) -> None:
        node = self.crew.node(worker)
        if self.verdicts.concern(check):
            self.verdicts.ended(check, node, reports)
        else:
            self.replay.tell(check, node, reports)
