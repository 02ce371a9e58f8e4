"""The byte code of the measured project, which a fresh checkout does not have. That of installed packages stays."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from enum import Enum
from pathlib import Path

from benchmarks.rounds import Competitor


class ByteCode(Enum):
    """What a run finds of the project's byte code, and whether it may leave some."""

    WARM = "warm"
    COLD = "cold"
    NONE = "none"

    @property
    def phrase(self) -> str:
        """Text that follows the name of a suite."""
        return {ByteCode.WARM: "", ByteCode.COLD: ", cold", ByteCode.NONE: ", without byte code"}[self]


def finding(byte_code: ByteCode, competitors: Iterable[Competitor]) -> list[Competitor]:
    """The same competitors, each of whose runs finds this in its folder."""
    if byte_code is ByteCode.WARM:
        return list(competitors)
    variables = {"PYTHONDONTWRITEBYTECODE": "1"} if byte_code is ByteCode.NONE else {}
    return [replace(each, prepare=_removing(each), variables={**each.variables, **variables}) for each in competitors]


def remove_byte_code(folder: Path) -> None:
    """Remove what Python and pytest have left below a folder."""
    for cache in list(folder.rglob("__pycache__")):
        shutil.rmtree(cache)


def _removing(competitor: Competitor) -> Callable[[Path], None]:
    def prepare(folder: Path) -> None:
        competitor.prepare(folder)
        remove_byte_code(folder)

    return prepare
