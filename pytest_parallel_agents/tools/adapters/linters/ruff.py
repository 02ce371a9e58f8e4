"""Ruff's linter. Everything it reports is an error to it.

Settings that let it fix its findings, or print to a file, are overridden.

Without a cache that it can write it does nothing, so it has one that is not in the project.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pytest_parallel_agents.tool_formats import sarif
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.splitting import document_with


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:
    chosen = any(arg.startswith("--cache-dir") for arg in args)  # which ruff takes once
    own = () if chosen else (f"--cache-dir={cache}",)
    return ["ruff", "check", "--output-format=sarif", *_READ_ONLY, *own, *args, "--", *paths]


_READ_ONLY = ("--no-fix", "--no-fix-only", "--no-show-fixes")
"""The last of a flag and its opposite counts, so that the user's arguments override these, and these override
settings."""

RUFF = Adapter(
    name="ruff",
    install="pip install ruff",
    argv=argv,
    read=sarif.read,
    types=("*.py", "*.pyi", "*.ipynb"),
    file_args=("--force-exclude",),
    writing=frozenset({"--fix"}),
    refused=frozenset({"--output-format", "--output-file", "-o", "--diff", "--watch", "-w"})
    | {"--fix-only", "--add-noqa", "--add-ignore", "--statistics", "--show-files", "--show-settings", "--silent", "-s"},
    unset=frozenset({"RUFF_OUTPUT_FILE", "RUFF_OUTPUT_FORMAT"}),
    split=document_with("runs"),
    nothing=re.compile(r"No Python files found.*"),
)
