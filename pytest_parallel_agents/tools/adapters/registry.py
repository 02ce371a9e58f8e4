"""The known tools: built-in ones and those that plugins register."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pytest

from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.formatters import FORMATTERS
from pytest_parallel_agents.tools.adapters.linters import LINTERS
from pytest_parallel_agents.tools.adapters.security import SCANNERS
from pytest_parallel_agents.tools.adapters.type_checkers import TYPE_CHECKERS

ADAPTERS: Final[Mapping[str, Adapter]] = dict(
    sorted({**LINTERS, **TYPE_CHECKERS, **FORMATTERS, **SCANNERS}.items()),
)
"""Built-in ones, by the name that users write, in alphabetical order."""


def known_adapters(config: pytest.Config) -> Mapping[str, Adapter]:
    """Built-in adapters and those that plugins register, which replace built-in ones of the same name."""
    registered = config.hook.pytest_agents_adapters(config=config)
    return {**ADAPTERS, **{adapter.name: adapter for adapters in registered for adapter in adapters}}
