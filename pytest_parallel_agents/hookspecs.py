"""Extension points for other plugins.

Read at every start of pytest, so it imports nothing else of this package when it runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_parallel_agents.agents.kinds import Agent
    from pytest_parallel_agents.tools.adapters.adapter import Adapter


@pytest.hookspec
def pytest_agents_kinds(config: pytest.Config) -> Sequence[Agent]:  # type: ignore[empty-body]
    """Return agents for further kinds of checks.

    A kind is what `@pytest.mark.agent(kind)` and the key `kind` of a configured command may name. An agent has the
    attribute `kind` and the method `judge(item, evidence)`, which raises `CheckFailed` when the check ran to its end
    and what it recorded condemns it. Called once, in the controller and in every worker that collects.
    """


@pytest.hookspec
def pytest_agents_adapters(config: pytest.Config) -> Sequence[Adapter]:  # type: ignore[empty-body]
    """Return adapters for further tools, which users may then name as `[tool.pytest-parallel-agents.agents.NAME]`.

    An adapter with the name of a built-in one replaces it.
    """
