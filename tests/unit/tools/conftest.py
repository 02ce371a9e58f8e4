from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_parallel_agents.tools.command import CommandSpec
from tests.unit.tools.shell import Shell


@pytest.fixture
def shell(tmp_path: Path, spec_of: Callable[..., CommandSpec]) -> Shell:
    return Shell(tmp_path, spec_of)
