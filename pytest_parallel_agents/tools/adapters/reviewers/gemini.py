"""Gemini CLI. A policy denies its tools; extensions and MCP servers are left out.

It refuses to run in a folder that it was not shown before; `--skip-trust` trusts the folder for this once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pytest_parallel_agents.early_bound import io, os
from pytest_parallel_agents.tools.adapters.reviewers.reviewer import Question, Reviewer

_READING = ("read_file", "read_many_files", "list_directory", "glob", "search_file_content", "grep_search")


def argv(question: Question) -> Sequence[str]:
    model = (f"--model={question.model}",) if question.model else ()
    return [
        *("gemini", "--output-format=json", "--skip-trust", "--extensions=none", "--allowed-mcp-server-names=none"),
        *(f"--policy={_policy(question)}", *model, *question.args),
    ]


def _policy(question: Question) -> str:
    rules = ['[[rule]]\ntoolName = "*"\ndecision = "deny"\npriority = 900\n']
    if question.may_read:
        names = ", ".join(f'"{name}"' for name in _READING)
        rules.append(f'[[rule]]\ntoolName = [{names}]\ndecision = "allow"\npriority = 950\n')
    file = os.path.join(question.scratch, "policy.toml")
    with io.open(file, "w", encoding="utf-8") as policy:
        policy.write("\n".join(rules))
    return file


GEMINI = Reviewer(
    name="gemini",
    looked_at="0.61.0",
    install="npm install -g @google/gemini-cli",
    login="run gemini and sign in, or set GEMINI_API_KEY",
    argv=argv,
    not_logged_in=re.compile(r"Please set an Auth method"),
    refused=frozenset(
        {"--output-format", "-o", "--yolo", "-y", "--approval-mode", "--prompt-interactive", "-i"}
        | {"--list-extensions", "-l", "--list-sessions", "--worktree", "-w", "--acp", "--raw-output"}
        | {"--policy", "--admin-policy", "--allowed-tools"}
    ),
)
