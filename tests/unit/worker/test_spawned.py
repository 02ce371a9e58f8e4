from __future__ import annotations

import os

import pytest

from pytest_parallel_agents.worker.spawned import set_variables


def test_variables_are_set_and_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTS_ONE", "1")
    monkeypatch.setenv("AGENTS_TWO", "2")

    set_variables({"AGENTS_ONE": None, "AGENTS_TWO": "3", "AGENTS_THREE": None})

    assert "AGENTS_ONE" not in os.environ
    assert os.environ["AGENTS_TWO"] == "3"
