from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.assistants import VARIABLES, in_assistant

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "output.md"


@pytest.mark.parametrize("name", VARIABLES)
def test_each_variable_is_recognized_and_has_its_source_on_the_page(name: str) -> None:
    assert in_assistant({"HOME": "/root", name: "1"})
    [row] = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("|") and f"`{name}`" in line]
    assert "https://" in row


@pytest.mark.parametrize("value", ["", " ", "0", "false", "No", "OFF"])
def test_a_variable_that_says_no_does_not_count(value: str) -> None:
    assert not in_assistant({"CLAUDECODE": value})


def test_people_are_not_taken_for_one() -> None:
    assert not in_assistant({"HOME": "/root", "TERM": "xterm", "CI": "true", "CODEX_HOME": "/root/.codex"})
