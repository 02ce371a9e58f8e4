"""OpenCode. Its permissions are set by the environment; plugins and the project's settings are left out.

Without an account it asks free models, whose services may keep what they are sent, and without a network it waits for
them without end. So an account or a `model` must be named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pytest_parallel_agents.early_bound import json
from pytest_parallel_agents.tools.adapters.reviewers.reviewer import Account, Question, Reviewer

_READING = ("read", "grep", "glob", "list")


def argv(question: Question) -> Sequence[str]:
    model = (f"--model={question.model}",) if question.model else ()
    return ["opencode", "run", "--format=json", "--pure", *model, *question.args]


def env(question: Question) -> Mapping[str, str]:
    allowed = dict.fromkeys(_READING if question.may_read else (), "allow")
    settings = {"permission": {"*": "deny", **allowed}, "share": "disabled", "autoupdate": False}
    return {
        "OPENCODE_CONFIG_CONTENT": json.dumps(settings),
        "OPENCODE_DISABLE_AUTOUPDATE": "1",
        "OPENCODE_DISABLE_PROJECT_CONFIG": "1",
    }


OPENCODE = Reviewer(
    name="opencode",
    looked_at="1.18.33",
    install="npm install -g opencode-ai",
    login="run opencode auth login, set the API key of a provider, or name a model",
    argv=argv,
    env=env,
    not_logged_in=re.compile(r"API key is missing|No credentials found"),
    account=Account(
        args=("auth", "list"),
        missing=re.compile(r"\A(?!.*\b[1-9]\d* (?:credentials?|environment variables?)).*\b0 credentials", re.DOTALL),
        free_choice=True,
    ),
    refused=frozenset({"--format", "--auto", "--interactive", "-i", "--share", "--command", "--agent", "--attach"}),
)
