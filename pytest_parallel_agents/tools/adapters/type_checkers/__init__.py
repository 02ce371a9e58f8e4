"""Type checkers: each in a small module of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.type_checkers.basedpyright import BASEDPYRIGHT
from pytest_parallel_agents.tools.adapters.type_checkers.mypy import MYPY
from pytest_parallel_agents.tools.adapters.type_checkers.pyright import PYRIGHT
from pytest_parallel_agents.tools.adapters.type_checkers.ty import TY

TYPE_CHECKERS: Final[Mapping[str, Adapter]] = {
    "basedpyright": BASEDPYRIGHT,
    "mypy": MYPY,
    "pyright": PYRIGHT,
    "ty": TY,
}
