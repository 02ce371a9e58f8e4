"""What follows each phase of a check, wherever it runs: agents judge it, and its reports carry what it recorded."""

from __future__ import annotations

from collections.abc import Generator, Mapping

import pytest

from pytest_parallel_agents.agents.evidence import NOTHING, forget, record_failure, recorded, to_wire
from pytest_parallel_agents.agents.kinds import Agent, verdict
from pytest_parallel_agents.collection.marks import agent_mark
from pytest_parallel_agents.early_bound import builtins
from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.workers.leaks import Leaks
from pytest_parallel_agents.workers.ledger import EVIDENCE

__builtins__ = builtins


class Judgement:
    """The plugin that lets agents judge. `agents` are the registered ones, by kind; `leaks` says what checks left."""

    def __init__(self, agents: Mapping[str, Agent], leaks: Leaks) -> None:
        self._agents = agents
        self._leaks = leaks
        self._verdict: BaseException | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        forget(item)
        self._leaks.begin(item)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None]:
        yield
        self._verdict = verdict(self._agents[agent_mark(item).kind], item)
        if self._verdict is not None:
            raise self._verdict

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.failed and call.excinfo is not None and self._is_its_own(call.excinfo.value):
            record_failure(item, call.excinfo.value)
        if report.failed or report.when == "call":
            evidence = recorded(item)
            if evidence != NOTHING:
                setattr(report, EVIDENCE, to_wire(evidence))
        if report.when == "teardown":
            self._leaks.end(item, report)
        return report

    def _is_its_own(self, error: BaseException) -> bool:
        """Whether the check's code raised it, and not we who judge it."""
        return error is not self._verdict and not isinstance(error, AgentsError)
