"""What the answers of language models have used."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from pytest_parallel_agents.agents.evidence import recorded
from pytest_parallel_agents.collection.answers import record_answer
from pytest_parallel_agents.model.results import Usage
from pytest_parallel_agents.tool_formats.output import Output

ANSWER = {"type": "result", "total_cost_usd": 0.5, "usage": {"input_tokens": 3}, "model": "m"}


def test_a_kept_answer_costs_nothing_and_names_the_refused_tools(item_of: Callable[[str], pytest.Item]) -> None:
    item = item_of("def test_it(): pass")
    stdout = json.dumps({**ANSWER, "permission_denials": [{"tool_name": "Bash"}]})
    record_answer(item, Output(exit_code=0, stdout=stdout, stderr="", kept_since=0.0))

    evidence = recorded(item)
    assert evidence.usage == Usage(
        model="m", input_tokens=0, output_tokens=0, cost_usd=0.0, refused=("Bash",), kept=True
    )
    kept, refused = evidence.notes
    assert kept.startswith("kept answer of ")
    assert refused == "tools that the model was not allowed to use: Bash"
