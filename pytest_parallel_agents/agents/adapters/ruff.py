"""Ruff's linter. Everything it reports is an error to it; its own cache is safe to share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pytest_parallel_agents.agents.adapters.adapter import Adapter
from pytest_parallel_agents.agents.formats import sarif


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:  # noqa: ARG001 - its cache is shared
    return ["ruff", "check", "--output-format=sarif", *args, "--", *paths]


RUFF = Adapter(name="ruff", install="pip install ruff", argv=argv, read=sarif.read)
