"""Ruff's linter. Everything it reports is an error to it.

Without a cache that it can write it does nothing, so it has one that is not in the project.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pytest_parallel_agents.agents.adapters.adapter import Adapter
from pytest_parallel_agents.agents.formats import sarif


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:
    chosen = any(arg.startswith("--cache-dir") for arg in args)  # which ruff takes once
    own = () if chosen else (f"--cache-dir={cache}",)
    return ["ruff", "check", "--output-format=sarif", *own, *args, "--", *paths]


RUFF = Adapter(
    name="ruff",
    install="pip install ruff",
    argv=argv,
    read=sarif.read,
    types=("*.py", "*.pyi", "*.ipynb"),
    file_args=("--force-exclude",),
)
