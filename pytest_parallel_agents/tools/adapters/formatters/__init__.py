"""Formatters, run to report what they would change: each in a small module of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.formatters.black import BLACK
from pytest_parallel_agents.tools.adapters.formatters.isort import ISORT
from pytest_parallel_agents.tools.adapters.formatters.ruff_format import RUFF_FORMAT

FORMATTERS: Final[Mapping[str, Adapter]] = {
    "black": BLACK,
    "isort": ISORT,
    "ruff-format": RUFF_FORMAT,
}
