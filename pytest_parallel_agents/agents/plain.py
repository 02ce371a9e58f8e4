"""Judges checks that use our fixtures without `--agents`, so that they end as with it. Imported when the first is set
up.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Final

import pytest

from pytest_parallel_agents.agents import test
from pytest_parallel_agents.agents.evidence import forget
from pytest_parallel_agents.agents.kinds import Agent, judged_failure, known_agents
from pytest_parallel_agents.benchmarks import FIXTURE
from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.hidden_frames import hidden
from pytest_parallel_agents.marks import agent_mark

NAME: Final = "parallel-agents-plain"
_JUDGED: Final = pytest.StashKey[bool]()


def judge_after_call(item: pytest.Item) -> None:
    """Lets the agent of its kind judge the item, which is being set up."""
    manager = item.config.pluginmanager
    if not manager.hasplugin(NAME):
        try:
            manager.register(PlainJudgement(known_agents(item.config)), NAME)
        except AgentsError as error:
            pytest.fail(str(error), pytrace=False)
    item.stash[_JUDGED] = True


class PlainJudgement:
    """The plugin that judges such items, and no others."""

    def __init__(self, agents: Mapping[str, Agent]) -> None:
        self._agents = agents

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        forget(item)  # a plugin may run it again

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    @hidden
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None]:
        __tracebackhide__ = True
        yield
        failure = judged_failure(self._agent(item), item) if _JUDGED in item.stash else None
        if failure is not None:
            raise failure

    def _agent(self, item: pytest.Item) -> Agent:
        """A benchmark's measurements are not read here, so only its findings count, as they do for an unknown kind."""
        is_timed = FIXTURE in getattr(item, "fixturenames", ())
        return test if is_timed else self._agents.get(agent_mark(item).kind, test)
