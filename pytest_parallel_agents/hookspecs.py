"""Extension points for other plugins.

Read at every start of pytest, so it imports nothing else of this package when it runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_parallel_agents.agents.kinds import Agent
    from pytest_parallel_agents.convergence.kinds.kind import EvidenceKind
    from pytest_parallel_agents.convergence.view import Convergence
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


@pytest.hookspec
def pytest_agents_evidence_kinds(config: pytest.Config) -> Sequence[EvidenceKind]:  # type: ignore[empty-body]
    """Return further kinds of evidence, from which causes are ranked.

    A kind has the attributes `name`, `weight` and `testifies` and the pure method `opinions(fault)`. Called in the
    controller, after all checks.
    """


@pytest.hookspec
def pytest_agents_converged(config: pytest.Config, convergence: Convergence) -> Sequence[str]:  # type: ignore[empty-body]
    """Return why the run must fail, of all that its checks found together; nothing if it need not.

    `convergence` is what the fixture of that name is. Called once in the controller, after all checks.
    """
