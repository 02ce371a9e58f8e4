"""The kinds of checks and the agents that judge them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import pytest

from pytest_parallel_agents.agents import profile, review, test
from pytest_parallel_agents.agents.evidence import recorded
from pytest_parallel_agents.errors import AgentsError, CheckFailed
from pytest_parallel_agents.model.results import Evidence
from pytest_parallel_agents.printable import escape_lines


class Agent(Protocol):
    """Judges the checks of one kind."""

    @property
    def kind(self) -> str:
        """The name that users write in the mark or in the key `kind`."""
        ...

    def judge(self, item: pytest.Item, evidence: Evidence) -> None:
        """Judges what a check recorded, once its call phase has passed. Raises CheckFailed to fail it."""
        ...


AGENTS: Mapping[str, Agent] = {"review": review, "test": test, "profile": profile}


def known_agents(config: pytest.Config) -> Mapping[str, Agent]:
    """Built-in agents and those that plugins register. Raises AgentsError when two claim one kind."""
    agents = dict(AGENTS)
    for registered in config.hook.pytest_agents_kinds(config=config):
        for agent in registered:
            if agent.kind in agents:
                raise AgentsError(
                    f'the kind "{agent.kind}" is registered twice',
                    hint="let the hook pytest_agents_kinds return another name",
                )
            agents[agent.kind] = agent
    return agents


def judged_failure(agent: Agent, item: pytest.Item) -> BaseException | None:
    """The failure of an item whose call has passed, by what it recorded; None when the agent passes it."""
    try:
        agent.judge(item, recorded(item))
    except CheckFailed as failure:
        return pytest.fail.Exception(escape_lines(str(failure)), pytrace=False)
    return None
