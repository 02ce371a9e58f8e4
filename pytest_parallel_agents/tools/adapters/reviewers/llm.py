"""LLM, the command line of Datasette's author. It gives the model no tools, and logs nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pytest_parallel_agents.tools.adapters.reviewers.reviewer import Question, Reviewer


def argv(question: Question) -> Sequence[str]:
    model = (f"--model={question.model}",) if question.model else ()
    return [
        *("llm", "prompt", "--json", "--no-log", "--no-stream", f"--schema={question.schema_file}"),
        *(*model, *question.args),
    ]


LLM = Reviewer(
    name="llm",
    looked_at="0.36",
    install="pip install llm",
    login="run llm keys set, set the API key of the provider, or name another model",
    argv=argv,
    not_logged_in=re.compile(r"No key found"),
    holds_schema=True,
    refused=frozenset(
        {"--save", "--options", "--extract", "-x", "--extract-last", "--xl", "--schema-multi", "--functions"}
        | {"--tool", "-T", "--log", "--usage", "-u", "--schema"}
    ),
)
