"""Claude Code.

`--safe-mode` leaves out the hooks, plugins and instructions of the project and the user, and keeps the login, which
`--bare` does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pytest_parallel_agents.tools.adapters.reviewers.reviewer import Question, Reviewer

_READING = "Read,Grep,Glob"


def argv(question: Question) -> Sequence[str]:
    tools = ("--tools", _READING, "--allowedTools", _READING) if question.may_read else ("--tools", "")
    budget = () if question.budget is None else (f"--max-budget-usd={question.budget}",)
    model = (f"--model={question.model}",) if question.model else ()
    return [
        *("claude", "-p", "--output-format=json", f"--json-schema={question.schema}"),
        *("--safe-mode", "--strict-mcp-config", "--no-session-persistence", *tools, *budget, *model, *question.args),
    ]


CLAUDE = Reviewer(
    name="claude",
    looked_at="2.1.197",
    install="npm install -g @anthropic-ai/claude-code",
    login="run claude and there /login, or set ANTHROPIC_API_KEY",
    argv=argv,
    not_logged_in=re.compile(r"Not logged in|Please run /login"),
    holds_schema=True,
    limits_cost=True,
    refused=frozenset(
        {"--output-format", "--dangerously-skip-permissions", "--allow-dangerously-skip-permissions"}
        | {"--permission-mode", "--tools", "--allowedTools", "--allowed-tools", "--settings", "--json-schema"}
        | {"--bg", "--background", "--continue", "-c", "--resume", "-r", "--input-format", "--worktree", "-w"}
        | {"--cloud", "--desktop", "--teleport"}
    ),
)
