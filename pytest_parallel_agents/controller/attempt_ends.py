"""What becomes of the attempt that a worker has ended, or that has ended with its worker."""

from __future__ import annotations

from collections.abc import Callable

from pytest_parallel_agents.controller.clocks import Clocks
from pytest_parallel_agents.controller.losses import Losses
from pytest_parallel_agents.controller.outcomes import Conclusions
from pytest_parallel_agents.controller.running_checks import Vigil
from pytest_parallel_agents.controller.termination import Ending, Endings
from pytest_parallel_agents.controller.worker_pool import Crew
from pytest_parallel_agents.scheduling import events
from pytest_parallel_agents.wire import messages


class AttemptEnds:
    """Has the results kept and the scheduler hear of each end.

    `handle` passes an event to the scheduler, `heed_session` stops the run if the session is to stop, and `may_retry`
    tells whether a further attempt may follow.
    """

    def __init__(
        self,
        *,
        crew: Crew,
        clocks: Clocks,
        conclude: Conclusions,
        endings: Endings,
        losses: Losses,
        vigil: Vigil,
        handle: Callable[[events.Event], None],
        heed_session: Callable[[str], None],
        may_retry: Callable[[], bool],
    ) -> None:
        self._crew = crew
        self._clocks = clocks
        self._conclude = conclude
        self._endings = endings
        self._losses = losses
        self._vigil = vigil
        self._handle = handle
        self._heed_session = heed_session
        self._may_retry = may_retry

    def failed(self, worker: str, news: messages.Failed) -> None:
        now, span = self._clocks.now(), self._clocks.span(worker, news.span)
        late = self._endings.ignored(worker, self._vigil.ended(worker, now), span[1])
        if late is None:
            self._conclude.failed(worker, news, span)
        elif not self._ignored(worker, late, span[0]):
            self._handle(events.Finished(worker=worker, check=news.check, time=now))

    def finished(self, worker: str, news: messages.Finished) -> None:
        now, span = self._clocks.now(), self._clocks.span(worker, news.span)
        late = self._endings.ignored(worker, self._vigil.ended(worker, now), span[1])
        if late is None:
            self._conclude.reported(worker, news, span)
        elif self._ignored(worker, late, span[0]):
            return
        self._handle(events.Finished(worker=worker, check=news.check, time=now, seconds=span[1] - span[0]))
        self._heed_session(news.halt)

    def _ignored(self, worker: str, ending: Ending, start: float) -> bool:
        """A check went on as if nobody had asked it to end. Returns whether it is to be tried again."""
        span = start, self._clocks.now()
        again = self._conclude.lost(worker, ending.check, span, ending, retry=self._may_retry())
        self._endings.conclude(worker, again=again)
        self._crew.kill(worker)
        self._heed_session("")
        return again

    def blame(self, worker: str, check: int) -> None:
        """Take it that a worker ran this check, the first that it has not accounted for, or else that it ran none."""
        now = self._clocks.now()
        self._vigil.ended(worker, now)
        if self._losses.is_to_blame(check):
            self._vigil.started(worker, check, now)

    def bury(self, worker: str, fate: str = "") -> bool:
        """Say what became of the check of a worker that is gone, and whether the worker had been asked to go."""
        now = self._clocks.now()
        running = self._vigil.ended(worker, now)
        ending = self._endings.over(worker)
        self._crew.end_strays(worker)
        over = None
        if running is not None and (ending is None or ending.concerns(*running)):
            check, start = running
            again = self._conclude.lost(worker, check, (start, now), ending, fate, retry=self._may_retry())
            self._heed_session("")
            over = None if again else check
        # an attempt that had only just begun when its worker was ended for another one's sake does not count
        self._handle(events.Lost(worker=worker, running=over, time=now))
        return ending is not None

    def give_up(self, worker: str) -> None:
        """A worker has ended by itself; what it ran was interrupted and has no report."""
        now = self._clocks.now()
        running = self._vigil.ended(worker, now)
        check = None
        if running is not None:
            check, start = running
            self._conclude.interrupted(worker, check, (start, now))
        self._handle(events.Lost(worker=worker, running=check, time=now))  # nothing new if it was told to
