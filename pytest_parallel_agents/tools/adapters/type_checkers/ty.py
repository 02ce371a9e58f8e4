"""Ty. It caches nothing, and like the tool itself a check fails on errors only; `fail-on = "warning"` on warnings too.

A file that it cannot read makes it fail, with exit code 2.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pytest_parallel_agents.model.results import Level
from pytest_parallel_agents.tool_formats import sarif
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.splitting import document_with


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:  # noqa: ARG001 - it caches nothing
    return ["ty", "check", "--output-format=sarif", "--no-progress", *args, "--", *paths]


TY = Adapter(
    name="ty",
    install="pip install ty",
    argv=argv,
    read=sarif.read,
    fail_on=Level.ERROR,
    writing=frozenset({"--fix", "--add-ignore", "--update-baseline"}),
    refused=frozenset({"--output-format", "--watch", "-W"}),
    unset=frozenset({"TY_OUTPUT_FORMAT", "TY_MEMORY_REPORT"}),
    split=document_with("runs"),
    nothing=re.compile(r"No python files found.*", re.IGNORECASE),
    types=("*.py", "*.pyi"),
)
