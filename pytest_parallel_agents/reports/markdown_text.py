"""Any text in CommonMark. What comes from checks stands in code only, where no markup is read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain
from typing import Final

from pytest_parallel_agents.printable import escape, escape_lines

_BACKTICKS: Final = re.compile("`+")


def code(text: str) -> str:
    """A code span: one line, its control characters escaped."""
    line = escape(text)
    ticks = "`" * _free_length(line, 1)
    space = " " if line.startswith("`") or line.endswith("`") or line != line.strip() or not line else ""
    return f"{ticks}{space}{line}{space}{ticks}"


def fenced(lines: Iterable[str], language: str = "text") -> list[str]:
    """The lines as a block of code."""
    escaped = list(chain.from_iterable(escape_lines(line).split("\n") for line in lines))
    fence = "`" * _free_length("\n".join(escaped), 3)
    return [f"{fence}{language}", *escaped, fence]


def _free_length(text: str, least: int) -> int:
    """Of a run of backticks that is not in the text."""
    return max((len(run) + 1 for run in _BACKTICKS.findall(text)), default=least) if "`" * least in text else least
