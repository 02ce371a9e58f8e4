"""Follows each phase of a check, wherever it runs: agents judge it, and its reports carry its evidence."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping

import pytest

from pytest_parallel_agents.agents.evidence import (
    EVIDENCE,
    NOTHING,
    forget,
    record_failure,
    record_note,
    recorded,
    to_wire,
)
from pytest_parallel_agents.agents.kinds import Agent, judged_failure
from pytest_parallel_agents.early_bound import builtins
from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.hidden_frames import hidden
from pytest_parallel_agents.marks import agent_mark
from pytest_parallel_agents.runtest.leak_detection import Leaks
from pytest_parallel_agents.tools.early.client import BEGUN
from pytest_parallel_agents.wire.guarded import guarded, safe_str

__builtins__ = builtins


class Judging:
    """The plugin that lets agents judge. `agents` are the registered ones, by kind; `leaks` finds what checks left
    behind.
    """

    def __init__(self, agents: Mapping[str, Agent], leaks: Leaks) -> None:
        self._agents = agents
        self._leaks = leaks
        self._judged_failure: BaseException | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        forget(item)
        guarded(lambda: self._leaks.begin(item), lambda _: None)  # its leaks are still searched for

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    @hidden
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None]:
        __tracebackhide__ = True
        yield
        self._judged_failure = judged_failure(self._agents[agent_mark(item).kind], item)
        if self._judged_failure is not None:
            raise self._judged_failure

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if call.when == "setup" and BEGUN in item.stash:
            item.stash[BEGUN].count_in(report)
        self._try(item, report, lambda: self._add_evidence(item, call, report))
        if call.when == "teardown":
            self._try(item, report, lambda: self._leaks.end(item, report))
        return report

    def _add_evidence(self, item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
        if report.failed and call.excinfo is not None and self._is_its_own(call.excinfo.value):
            record_failure(item, call.excinfo.value)
        if report.failed or report.when == "call":
            _carry_evidence(item, report)

    def _try(self, item: pytest.Item, report: pytest.TestReport, work: Callable[[], None]) -> None:
        """Does `work` that only adds to a report. Replacements by the check or a plugin must not end the run."""

        def note_failure(error: BaseException) -> None:
            record_note(item, f"no evidence could be gathered: {type(error).__name__}: {safe_str(error)}")
            guarded(lambda: _carry_evidence(item, report), lambda _: None)

        guarded(work, note_failure)

    def _is_its_own(self, error: BaseException) -> bool:
        """Whether the check's code raised it, and not our judgement."""
        return error is not self._judged_failure and not isinstance(error, AgentsError)


def _carry_evidence(item: pytest.Item, report: pytest.TestReport) -> None:
    evidence = recorded(item)
    if evidence != NOTHING:
        setattr(report, EVIDENCE, to_wire(evidence))
