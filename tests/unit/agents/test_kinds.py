from __future__ import annotations

from dataclasses import dataclass

import pytest

from pytest_parallel_agents import hookspecs
from pytest_parallel_agents.agents.kinds import AGENTS, Agent, known_agents
from pytest_parallel_agents.errors import AgentsError, CheckFailed
from pytest_parallel_agents.measurements import Measurement
from pytest_parallel_agents.model.results import Evidence, Finding, Level

MEASURED = (Measurement(name="n", calls=1, cpu_seconds=0.1, wall_seconds=0.1, peak_bytes=None),)
PLACED = Finding(rule="F401", level=Level.WARNING, message="unused", path="a.py", line=3)


@dataclass(frozen=True)
class Spelling:
    kind: str = "spelling"

    def judge(self, item: pytest.Item, evidence: Evidence) -> None:
        raise CheckFailed(f"{item.name} is misspelt in {len(evidence.findings)} places")


def config_with(*agents: Agent) -> pytest.Config:
    class House:
        def pytest_agents_kinds(self) -> tuple[Agent, ...]:
            return agents

    manager = pytest.PytestPluginManager()
    manager.add_hookspecs(hookspecs)
    manager.register(House())
    return pytest.Config(manager)


def condemned(kind: str, item: pytest.Item, *findings: Finding, fail_on: Level = Level.ERROR) -> bool:
    try:
        AGENTS[kind].judge(item, Evidence(findings=findings, measurements=MEASURED, fail_on=fail_on))
    except CheckFailed:
        return True
    return False


def test_agents_are_listed_under_their_kind() -> None:
    assert {name: agent.kind for name, agent in AGENTS.items()} == {name: name for name in AGENTS}


def test_plugins_add_kinds() -> None:
    spelling = Spelling()

    assert known_agents(config_with(spelling)) == {**AGENTS, "spelling": spelling}


@pytest.mark.parametrize("agents", [(Spelling("review"),), (Spelling(), Spelling())])
def test_a_kind_has_one_agent(agents: tuple[Agent, ...]) -> None:
    with pytest.raises(AgentsError, match=f'the kind "{agents[0].kind}" is registered twice'):
        known_agents(config_with(*agents))


@pytest.mark.parametrize("kind", AGENTS)
def test_findings_condemn_from_the_level_of_the_item_upwards(kind: str, item: pytest.Item) -> None:
    error = Finding(rule="E", level=Level.ERROR, message="m")

    assert not condemned(kind, item)
    assert not condemned(kind, item, PLACED)
    assert condemned(kind, item, PLACED, error)
    assert condemned(kind, item, PLACED, fail_on=Level.WARNING)
    assert condemned(kind, item, Finding(rule="N", level=Level.NOTE, message="m"), fail_on=Level.NOTE)


def test_the_verdict_names_the_findings_that_condemn(item: pytest.Item) -> None:
    nowhere = Finding(rule="E", level=Level.ERROR, message="m")

    with pytest.raises(CheckFailed) as caught:
        AGENTS["review"].judge(item, Evidence(findings=(PLACED, nowhere), fail_on=Level.WARNING))

    assert str(caught.value) == "2 findings\na.py:3: warning F401: unused\nerror E: m"


def test_a_verdict_of_many_findings_is_short(item: pytest.Item) -> None:
    many = tuple(Finding(rule="E", level=Level.ERROR, message=str(number)) for number in range(53))

    with pytest.raises(CheckFailed) as caught:
        AGENTS["review"].judge(item, Evidence(findings=many))

    lines = str(caught.value).splitlines()
    assert (lines[0], lines[-2:]) == ("53 findings", ["error E: 49", "... and 3 more"])


def test_a_profile_that_measured_nothing_fails(item: pytest.Item) -> None:
    with pytest.raises(CheckFailed, match=r'^measured nothing \(use "with profile\(\):"'):
        AGENTS["profile"].judge(item, Evidence())
