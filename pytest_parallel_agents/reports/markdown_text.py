"""Any text in CommonMark. What comes from checks stands in code only, where no markup is read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain, count
from typing import Final

from pytest_parallel_agents.agents.bounds import MOST_MESSAGE
from pytest_parallel_agents.excerpts import cut
from pytest_parallel_agents.printable import escape, escape_lines

_BACKTICKS: Final = re.compile("`+")


def code(text: str) -> str:
    """A code span: one line of bounded length, its control characters escaped."""
    line = escape(cut(text, MOST_MESSAGE))
    runs = {len(run) for run in _BACKTICKS.findall(line)}
    ticks = "`" * next(length for length in count(1) if length not in runs)
    space = " " if line.startswith("`") or line.endswith("`") or line != line.strip() or not line else ""
    return f"{ticks}{space}{line}{space}{ticks}"


def fenced(lines: Iterable[str], language: str = "text") -> list[str]:
    """The lines as a block of code; each of bounded length."""
    escaped = list(chain.from_iterable(escape_lines(cut(line, MOST_MESSAGE)).split("\n") for line in lines))
    longest = max((len(run) for line in escaped for run in _BACKTICKS.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", *escaped, fence]
