"""What the known programs of language models print, recorded from the real ones with stand-ins for their services.

CodeRabbit's are from its documentation: no package registry has its program. Claude's refused tool is from its
documentation, and LLM has no tools.
"""

from __future__ import annotations

import json
from typing import Final, NamedTuple

FINDING: Final = {"rule": "leak", "level": "error", "path": "src/a.py", "line": 2, "end_line": None, "message": "close"}
ANSWER: Final = json.dumps({"findings": [FINDING]})
FENCED: Final = f"I have read it.\n```json\n{ANSWER}\n```\nThat is all."
LIMIT: Final = "429 Rate limit reached. Please try again in 20ms."

SHAPES: Final = ("good", "fenced", "empty", "error", "limit", "refused", "half", "prose", "login", "hang")
"""An answer; one in a fence; none; an error with exit code 0; a rate limit; an answer after a refused tool; half an
answer; words; no account; neither an answer nor an end.
"""


class Printed(NamedTuple):
    """What a program prints, and how it ends."""

    stdout: str = ""
    stderr: str = ""
    exit_code: int = 0


def lines(*events: object) -> str:
    return "".join(f"{json.dumps(event)}\n" for event in events)


def text_of(shape: str) -> str:
    """What the assistant writes."""
    return {"fenced": FENCED, "half": ANSWER[:-9], "prose": "It looks good to me.", "empty": ""}.get(shape, ANSWER)


def claude(shape: str) -> Printed:
    is_error = shape in {"error", "limit", "login"}
    problem = {"error": "API Error: 529 Overloaded", "limit": f"API Error: {LIMIT}"}
    result = {
        "type": "result",
        "subtype": "success",
        "is_error": is_error,
        "result": problem.get(shape, "Not logged in \N{MIDDLE DOT} Please run /login") if is_error else text_of(shape),
        "total_cost_usd": 0.00056,
        "usage": {"input_tokens": 11, "cache_read_input_tokens": 0, "output_tokens": 9},
        "modelUsage": {"claude-opus": {"inputTokens": 22, "outputTokens": 18, "costUSD": 0.00056}},
        "permission_denials": [{"tool_name": "Bash"}] if shape == "refused" else [],
        "terminal_reason": "completed",
    }
    if shape in {"good", "refused"}:
        result["structured_output"] = json.loads(ANSWER)
    return Printed(lines(result), exit_code=int(shape in {"limit", "login"}))


def codex(shape: str) -> Printed:
    begin = ({"type": "thread.started", "thread_id": "1"}, {"type": "turn.started"})
    if shape == "login":
        return Printed(stderr="Not logged in\n", exit_code=1)
    if shape in {"error", "limit"}:
        problem = f"exceeded retry limit, last status: {LIMIT}" if shape == "limit" else "stream disconnected"
        end = {"type": "turn.failed", "error": {"message": problem}}
        retries = ({"type": "error", "message": f"Reconnecting... {number}/5 ({problem})"} for number in range(1, 6))
        return Printed(lines(*begin, *retries, end), exit_code=int(shape == "limit"))
    rejected = "2026-11-29T07:52:56Z ERROR codex_core::tools::router: error=approval policy is Never; reject command\n"
    answer = {"type": "item.completed", "item": {"type": "agent_message", "text": text_of(shape)}}
    end = {"type": "turn.completed", "usage": {"input_tokens": 5, "cached_input_tokens": 0, "output_tokens": 6}}
    return Printed(lines(*begin, answer, end), stderr=rejected if shape == "refused" else "")


def gemini(shape: str) -> Printed:
    if shape in {"error", "limit", "login"}:
        problem = {
            "login": "Please set an Auth method in your ~/.gemini/settings.json or specify GEMINI_API_KEY",
            "limit": LIMIT,
            "error": "Model stream ended with an invalid chunk",
        }[shape]
        error = json.dumps({"session_id": "1", "error": {"type": "Error", "message": problem, "code": 1}}, indent=2)
        return Printed(stdout=error) if shape == "error" else Printed(stderr=error, exit_code=41)
    failed = {"count": 1, "success": 0, "fail": 1, "decisions": {"accept": 0, "reject": 0, "auto_accept": 0}}
    stats = {
        "models": {"gemini-pro": {"tokens": {"prompt": 9, "candidates": 3, "thoughts": 2, "total": 14}}},
        "tools": {"byName": {"run_shell_command": failed} if shape == "refused" else {}},
    }
    return Printed(json.dumps({"session_id": "1", "response": text_of(shape), "stats": stats}, indent=2))


def copilot(shape: str) -> Printed:
    if shape == "login":
        return Printed(stderr="Error: No authentication information found.\n\nTo authenticate, ...\n", exit_code=1)
    begin = (
        {"type": "session.tools_updated", "data": {"model": "gpt"}},
        {"type": "user.message", "data": {"content": 'Answer {"findings": []}'}},
        {"type": "assistant.turn_start", "data": {"turnId": "0"}},
    )
    usage = {"premiumRequests": 1, "totalApiDurationMs": 60}
    if shape in {"error", "limit"}:
        problem = LIMIT if shape == "limit" else "503 unavailable"
        failure = {"type": "session.error", "data": {"errorType": "api", "message": problem}}
        code = int(shape == "limit")
        return Printed(lines(*begin, failure, {"type": "result", "exitCode": code, "usage": usage}), exit_code=code)
    refused = {
        "type": "tool.execution_complete",
        "data": {"success": False, "error": {"message": "Tool 'bash' does not exist.", "code": "failure"}},
    }
    answer = {"type": "assistant.message", "data": {"model": "gpt", "content": text_of(shape), "toolRequests": []}}
    done = {"type": "model.call_final_result", "data": {"model": "gpt", "result": "success"}}
    end = {"type": "result", "exitCode": 0, "usage": usage}
    return Printed(lines(*begin, *([refused] if shape == "refused" else []), answer, done, end))


def opencode(shape: str) -> Printed:
    if shape in {"error", "limit", "login"}:
        name = "ProviderAuthError" if shape == "login" else "APIError"
        message = {"limit": LIMIT, "login": "Anthropic API key is missing. Pass it using ANTHROPIC_API_KEY"}.get(
            shape, "Unexpected server error"
        )
        error = {"type": "error", "error": {"name": name, "data": {"message": message}}}
        return Printed(lines(error), exit_code=int(shape != "error"))
    state = {"status": "error", "error": "Model tried to call unavailable tool 'invalid'. Available tools: read."}
    refused = {"type": "tool_use", "part": {"type": "tool", "tool": "bash", "state": state}}
    used = {"type": "step-finish", "cost": 0.25, "tokens": {"input": 5, "output": 6, "reasoning": 0}}
    return Printed(
        lines(
            {"type": "step_start", "part": {"type": "step-start"}},
            *([refused] if shape == "refused" else []),
            {"type": "text", "part": {"type": "text", "text": text_of(shape)}},
            {"type": "step_finish", "part": used},
        )
    )


def llm(shape: str) -> Printed:
    if shape in {"limit", "login"}:
        problem = "No key found - add one using 'llm keys set openai'" if shape == "login" else f"Error code: {LIMIT}"
        return Printed(stderr=f"Error: {problem}\n", exit_code=1)
    log = {
        "id": "1",
        "model": "gpt",
        "prompt": 'Answer {"findings": []}',
        "response": None if shape == "error" else text_of(shape),
        "input_tokens": 5,
        "output_tokens": 6,
        "schema_json": {"properties": {"findings": {"type": "array"}}},
        **({"error": "the service has hung up"} if shape == "error" else {}),
        **({"permission_denials": ["shell"]} if shape == "refused" else {}),
    }
    return Printed(json.dumps([log], indent=2))


def coderabbit(shape: str) -> Printed:
    begin = {"type": "review_context", "reviewType": "all", "baseBranch": "main"}
    if shape in {"error", "limit", "login"}:
        problem = {"login": "Not authenticated", "limit": LIMIT}.get(shape, "the review has failed")
        error = {"type": "error", "errorType": shape, "message": problem, "recoverable": True}
        return Printed(lines(begin, error), exit_code=int(shape != "error"))
    told = "In `@src/a.py` around lines 2 - 3, the file is not closed; use a with statement."
    found = {"type": "finding", "severity": "major", "fileName": "src/a.py", "codegenInstructions": told}
    end = {"type": "complete", "status": "review_completed", "findings": 1}
    match shape:
        case "empty":
            return Printed()
        case "half":
            return Printed(lines(begin, found))
        case "prose":
            return Printed("It looks good to me.\n")
        case _:
            refused = {"type": "status", "permission_denials": [{"tool_name": "shell"}]}
            return Printed(lines(begin, *([refused] if shape == "refused" else []), found, end))


PROGRAMS: Final = {each.__name__: each for each in (claude, coderabbit, codex, copilot, gemini, llm, opencode)}
