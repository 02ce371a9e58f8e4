"""GitHub Copilot CLI. Its model sees no tools but those that read, and these only with `tools = "read"`.

An empty list of available tools stands for all of them, a name that no tool has for none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pytest_parallel_agents.tools.adapters.reviewers.reviewer import Question, Reviewer

_READING = "view,grep,glob"


def argv(question: Question) -> Sequence[str]:
    available = (
        f"--available-tools={_READING if question.may_read else 'none'}",
        "--deny-tool=write",
        "--deny-tool=shell",
    )
    model = (f"--model={question.model}",) if question.model else ()
    return [
        *("copilot", "--silent", "--output-format=json", "--stream=off", "--no-color", "--no-ask-user"),
        *("--no-auto-update", "--no-custom-instructions", "--disable-builtin-mcps", "--no-remote"),
        *(*available, *model, *question.args),
    ]


COPILOT = Reviewer(
    name="copilot",
    looked_at="1.0.102",
    install="npm install -g @github/copilot",
    login="run copilot login, or set COPILOT_GITHUB_TOKEN",
    argv=argv,
    not_logged_in=re.compile(r"No authentication information found"),
    refused=frozenset(
        {"--output-format", "--yolo", "--allow-all", "--allow-all-tools", "--allow-tool", "--interactive"}
        | {"-i", "--autopilot", "--prompt", "-p", "--share", "--share-gist", "--acp"}
        | {"--available-tools", "--assisted-approval", "--mode", "--fleet", "--connect"}
    ),
)
