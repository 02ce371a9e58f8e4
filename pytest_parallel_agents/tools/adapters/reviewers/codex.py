"""Codex. It runs commands in a sandbox that can read, and none without `tools = "read"`.

`codex login status` is asked before: without an account and without a network, Codex tries for longer than a minute.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pytest_parallel_agents.tools.adapters.reviewers.reviewer import Account, Question, Reviewer

_TOOLS = (
    *("apps", "browser_use", "computer_use", "goals", "image_generation", "multi_agent", "shell_tool"),
    *("unified_exec", "view_image"),
)
"""Features that give the model tools."""


def argv(question: Question) -> Sequence[str]:
    disabled = () if question.may_read else (f"--disable={feature}" for feature in _TOOLS)
    model = (f"--model={question.model}",) if question.model else ()
    return [
        *("codex", "exec", "--json", "--color=never", "--ephemeral", "--ignore-user-config", "--ignore-rules"),
        *("--skip-git-repo-check", "--sandbox=read-only", f"--output-schema={question.schema_file}"),
        *(*disabled, *model, *question.args, "-"),
    ]


CODEX = Reviewer(
    name="codex",
    looked_at="0.171.0",
    install="npm install -g @openai/codex",
    login="run codex login, or set CODEX_API_KEY",
    argv=argv,
    not_logged_in=re.compile(r"Not logged in|401 Unauthorized: Missing bearer"),
    account=Account(args=("login", "status"), missing=re.compile("Not logged in"), unless=("CODEX_API_KEY",)),
    holds_schema=True,
    refused=frozenset(
        {"--output-last-message", "-o", "--dangerously-bypass-approvals-and-sandbox", "--sandbox", "-s"}
        | {"--approve-for-me", "--worktree", "--trust", "--output-schema"}
    ),
)
