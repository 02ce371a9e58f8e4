"""What programs report of the cost of an answer, each in its own shape."""

from __future__ import annotations

import json

import pytest

from pytest_parallel_agents.model.results import Usage
from pytest_parallel_agents.tool_formats.output import Output
from pytest_parallel_agents.tool_formats.usage import usage_of


def used(*values: object, before: str = "", sent: str = "") -> Usage | None:
    text = before + "".join(f"{json.dumps(value)}\n" for value in values)
    return usage_of(Output(exit_code=0, stdout=text, stderr="", sent=sent))


CLAUDE = {
    "type": "result",
    "subtype": "success",
    "total_cost_usd": 0.0123,
    "usage": {"input_tokens": 4, "cache_creation_input_tokens": 100, "cache_read_input_tokens": 20, "output_tokens": 7},
    "modelUsage": {"claude-haiku": {"inputTokens": 4, "outputTokens": 7, "costUSD": 0.0123}},
    "permission_denials": [{"tool_name": "Bash", "tool_input": {}}, {"tool_name": "Bash", "tool_input": {}}],
}
GEMINI = {
    "response": "{}",
    "stats": {
        "models": {"gemini-pro": {"tokens": {"prompt": 9, "candidates": 3, "thoughts": 2, "cached": 1, "total": 14}}},
        "tools": {"byName": {"run_shell_command": {"decisions": {"accept": 0, "reject": 1}}, "read_file": {}}},
    },
}
OPENCODE = [
    {
        "type": "tool_use",
        "part": {"tool": "bash", "state": {"status": "error", "error": "The user has specified a rule"}},
    },
    {"type": "tool_use", "part": {"tool": "read", "state": {"status": "error", "error": "no such file"}}},
    {"type": "step_finish", "part": {"cost": 0.5, "tokens": {"input": 10, "output": 2, "reasoning": 1}}},
    {"type": "step_finish", "part": {"cost": 0.25, "tokens": {"input": 20, "output": 3, "reasoning": 0}}},
]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (
            [{"type": "assistant", "message": {"usage": {"output_tokens": 1}}}, CLAUDE],
            Usage(model="claude-haiku", input_tokens=124, output_tokens=7, cost_usd=0.0123, refused=("Bash",)),
        ),
        (
            [
                {"type": "item.completed", "item": {"type": "command_execution", "status": "declined"}},
                {"type": "turn.completed", "usage": {"input_tokens": 8, "cached_input_tokens": 5, "output_tokens": 2}},
            ],
            Usage(input_tokens=8, output_tokens=2, refused=("command_execution",)),
        ),
        (
            [GEMINI],
            Usage(model="gemini-pro", input_tokens=9, output_tokens=5, refused=("run_shell_command",)),
        ),
        (OPENCODE, Usage(input_tokens=30, output_tokens=6, cost_usd=0.75, refused=("bash",))),
        (
            [[{"model": "gpt", "response": "{}", "input_tokens": 11, "output_tokens": 1}]],
            Usage(model="gpt", input_tokens=11, output_tokens=1),
        ),
        (
            [{"model": "gpt", "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}}],
            Usage(model="gpt", input_tokens=3, output_tokens=4),
        ),
        (
            [{"modelVersion": "g", "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 4}}],
            Usage(model="g", input_tokens=3, output_tokens=4),
        ),
        (
            [{"model": "l", "response": "", "done": True, "prompt_eval_count": 5, "eval_count": 6}],
            Usage(model="l", input_tokens=5, output_tokens=6),
        ),
        (
            [
                {"type": "assistant.message", "data": {"model": "gpt", "content": "{}"}},
                {"type": "tool.execution_complete", "data": {"success": False, "error": "Tool 'bash' does not exist."}},
                {"type": "tool.execution_complete", "data": {"success": False, "error": "a.py does not exist."}},
            ],
            Usage(model="gpt", refused=("bash",)),
        ),
        ([{"findings": [], "cost_usd": 0.5}], Usage(cost_usd=0.5)),
        ([{"findings": []}], None),
        ([{"total_cost_usd": -1, "usage": {"input_tokens": True, "output_tokens": "many"}}], None),
        ([{"total_cost_usd": float("inf")}], None),
        ([{"usage": None, "stats": None, "item": 1, "permission_denials": 3}], None),
        ([], None),
    ],
)
def test_each_shape(events: list[object], expected: Usage | None) -> None:
    assert used(*events) == expected
    assert used(*events, before="Loading ...\n\x1b[2K") == expected


def test_what_cannot_be_read_has_no_usage() -> None:
    assert used(before='{"usage": {"input_tokens": 1}, "usage": {}}') is None
    assert used(before="no JSON") is None
