"""Running a check until it passes or its retries are used up, in whatever process it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from typing import Any, Final, Protocol

import pytest
from _pytest.runner import runtestprotocol

from pytest_parallel_agents.agents.evidence import recorded
from pytest_parallel_agents.benchmarks import is_benchmark
from pytest_parallel_agents.collection.retries import Retrying, retrying_of
from pytest_parallel_agents.early_bound import builtins, os, time
from pytest_parallel_agents.marks import agent_mark
from pytest_parallel_agents.options import OPTIONS
from pytest_parallel_agents.runtest.own_modules import OwnModules
from pytest_parallel_agents.tools.early.client import begun_span

__builtins__ = builtins

RERUN: Final = "rerun"
"""The outcome by which plugins mark tests that run again."""

ClockSpan = tuple[float, float]
"""Start and stop of one attempt, in seconds of the monotonic clock."""

Turn = tuple[pytest.Item, Any]
"""An item whose protocol is to be run, and the next one."""


class AttemptObserver(Protocol):
    """Observes the attempts of a check."""

    def failed(self, span: ClockSpan) -> None:
        """An attempt is over, and another will follow."""

    def again(self, at: float) -> None:
        """The next attempt will begin at this time of the monotonic clock."""


class Attempts:
    """Runs pytest's protocol for an item as often as its mark allows.

    A failure that will be retried is reported as a rerun, so that neither `--maxfail` nor the exit code counts it. It
    must be registered after every plugin that should see it so.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.span: ClockSpan = (0.0, 0.0)
        self._left = 0
        self._again = False
        self._retrying = Retrying()
        self.modules = OwnModules()
        config.pluginmanager.register(self)

    def run(
        self, item: pytest.Item, next_node: Callable[[], Any], observer: AttemptObserver, *, tried: int = 0
    ) -> Iterator[Turn]:
        """Makes the attempts: with each turn the caller runs pytest's protocol, so that few frames lie below a check.

        `next_node` gives the node for which pytest should keep fixtures, `tried` is how often the check was tried
        before, elsewhere. Afterwards `span` is that of the last attempt, which counts.
        """
        retries = agent_mark(item).retries
        for done in count(tried):
            self._retrying = retrying_of(item)
            if done:
                self._pause(self._retrying.pause_after(done), observer)
            self._left, self._again = retries - done, False
            start = time.monotonic()
            yield item, next_node()
            self.modules.restore()
            self.span = begun_span(item) or (start, time.monotonic())
            if not self._again:
                break
            observer.failed(self.span)
        self._sample(item, next_node)

    def _pause(self, seconds: float, observer: AttemptObserver) -> None:
        observer.again(time.monotonic() + seconds)
        time.sleep(seconds)

    def _sample(self, item: pytest.Item, next_node: Callable[[], Any]) -> None:
        """Runs what was measured once more for its flame graphs. The outcome is not reported."""
        folder = item.config.stash[OPTIONS].flame_graphs
        if folder is None or "profile" not in getattr(item, "fixturenames", ()) or is_benchmark(item):
            return
        from pytest_parallel_agents.profiling.flamegraphs import SAMPLING, Sampling, flame_graph_files

        measured = {each.name: each for each in recorded(item).measurements}
        for name in measured:
            for file in flame_graph_files(folder, item.nodeid, name):
                with suppress(FileNotFoundError):
                    os.unlink(file)  # left by an earlier run
        item.stash[SAMPLING] = Sampling(folder, item.nodeid, measured)
        try:
            runtestprotocol(item, log=False, nextitem=next_node())
        finally:
            del item.stash[SAMPLING]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self._left > 0 and report.failed and self._retrying.concerns(report):
            self._again = True
            report.outcome = RERUN  # type: ignore[assignment]
