from __future__ import annotations

import tomllib

import pytest

from pytest_parallel_agents.table_names import misnamed_sections, misnamed_tables

RIGHT = "tool.pytest-parallel-agents"


@pytest.mark.parametrize(
    "header",
    [
        "tool.pytest_parallel_agents",
        "tool.parallel-agents",
        "tool.Pytest-Parallel-Agents",
        "tool.pytest-paralel-agent",
        "tool.pytest.parallel-agents",
        "tool.pytest.agents",
        "tool.pytest.parallel.agents",
        "tool.pytest.ini_options.pytest-parallel-agents",
        'tool."pytest parallel agents"',
        "tools.pytest-parallel-agents",
        "pytest-parallel-agents",
        "pytest_parallel_agents",
    ],
)
def test_a_table_that_is_meant(header: str) -> None:
    content = tomllib.loads(f'[{header}]\nworkers = 2\n[{header}.agents.ruff]\npaths = ["src"]\n')
    assert list(misnamed_tables(content, RIGHT)) == [header]


@pytest.mark.parametrize(
    "header",
    [
        RIGHT,
        f"{RIGHT}.agents.pytest-parallel-agents",
        "tool.pytest-parallel",
        "tool.pytest-agents",
        "tool.agents",
        "tool.pytest.ini_options",
        "tool.pytest-parallel-agents-yamllint",
        "project.optional-dependencies",
    ],
)
def test_a_table_that_is_right_or_another(header: str) -> None:
    assert list(misnamed_tables(tomllib.loads(f"[{header}]\nworkers = 2\n"), RIGHT)) == []


def test_the_same_table_is_called_otherwise_in_a_file_of_pytests_own() -> None:
    assert list(misnamed_tables(tomllib.loads(f"[{RIGHT}]\n"), "pytest-parallel-agents")) == [RIGHT]
    assert list(misnamed_tables({"pytest-parallel-agents": {}}, "pytest-parallel-agents")) == []


def test_what_is_no_table_is_not_meant() -> None:
    assert list(misnamed_tables({"tool": {"pytest_parallel_agents": 1}}, RIGHT)) == []


def test_an_ini_file_can_hold_no_table() -> None:
    text = "[pytest]\naddopts = -q\n[tool:pytest-parallel-agents]\nworkers = 2\n[tool.parallel_agents]\n[flake8]\n"
    assert list(misnamed_sections(text)) == ["tool:pytest-parallel-agents", "tool.parallel_agents"]
