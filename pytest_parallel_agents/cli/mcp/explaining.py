"""The tool that explains one check or one cause of the last report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final

from msgspec import Meta

from pytest_parallel_agents.cli.mcp.answers import Answer, Answered, Call, answer, is_argument, next_call, that_fit
from pytest_parallel_agents.cli.mcp.arguments import ExplainArguments
from pytest_parallel_agents.reports.entries_of_causes import CauseEntry
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry
from pytest_parallel_agents.reports.explanations import explanation
from pytest_parallel_agents.reports.last_report import last_report
from pytest_parallel_agents.reports.naming import named

_LONGEST: Final = 1_000
"""Characters of a line. Longer ones are broken, so that none fills an answer."""


class ExplainAnswer(Answered, frozen=True, kw_only=True):
    """One check or cause, or a part of what is known about it."""

    what: Annotated[str, Meta(description="check or cause.")]
    start: int
    lines: tuple[str, ...]
    lines_in_all: int


async def explain(root: Path, arguments: ExplainArguments) -> Answer:
    """What the last report knows about one check or cause."""
    report = last_report(root)
    found = named(report, arguments.what)
    known = [part for line in explanation(report, found) for part in _broken(line)]
    lines = that_fit(islice(known, arguments.start, None), str)
    end = arguments.start + len(lines)
    content = ExplainAnswer(
        what="check" if isinstance(found, CheckEntry) else "cause",
        start=arguments.start,
        lines=tuple(lines),
        lines_in_all=len(known),
        next=_next(found) if end >= len(known) else _rest(arguments.what, known, end),
    )
    return answer(lines, content)


def _broken(line: str) -> Iterator[str]:
    for start in range(0, max(len(line), 1), _LONGEST):
        yield line[start : start + _LONGEST]


def _rest(what: str, known: Sequence[str], end: int) -> Call:
    return next_call("explain", {"what": what, "start": end}, f"goes on: {len(known) - end:,} more lines.")


def _next(found: CheckEntry | CauseEntry) -> Call:
    ids = [found.nodeid] if isinstance(found, CheckEntry) else list(found.failures)
    while ids and not is_argument(ids):
        ids.pop()
    arguments: dict[str, Any] = {"select": ids} if ids else {}
    return next_call("run", arguments, "shows whether a change has mended it.")
