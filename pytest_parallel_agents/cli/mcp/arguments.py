"""The arguments of the tools, and pytest's words for a selection. Nothing in them can be an option of pytest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

from msgspec import Meta, Struct

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.printable import escape
from pytest_parallel_agents.reports.filtering import Filters

MOST_SECONDS: Final = 3600
USUAL_SECONDS: Final = 300

_OPTION_STARTS: Final = ("-", "@")
"""Of options, and of files whose lines pytest takes for arguments."""

Expression = Annotated[str, Meta(max_length=4000)]
Start = Annotated[int, Meta(ge=0, description="How many to skip: what an earlier answer gives as its next call.")]


class Selection(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which checks. All of the project when nothing is given."""

    select: Annotated[
        tuple[Expression, ...], Meta(max_length=1000, description="Files, folders and node ids, from the root.")
    ] = ()
    keyword: Annotated[Expression, Meta(description="pytest's -k: an expression of parts of names.")] = ""
    marker: Annotated[Expression, Meta(description="pytest's -m: an expression of marks.")] = ""


class RunArguments(Selection, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to run, and for how long."""

    timeout: Annotated[
        float, Meta(gt=0, le=MOST_SECONDS, description="Seconds after which the run is ended; its report stays.")
    ] = USUAL_SECONDS


class LastReportArguments(Filters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What of the last report to show."""

    start: Start = 0


class ExplainArguments(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to explain."""

    what: Annotated[
        Expression, Meta(min_length=1, description="A node id, or a cause: its number, path:line, or function.")
    ]
    start: Start = 0


def words(selection: Selection, root: Path) -> list[str]:
    """Pytest's arguments for it. Raises AgentsError for what could be an option, or a path outside of the root."""
    options = {"-k": _expression("keyword", selection.keyword), "-m": _expression("marker", selection.marker)}
    return [*(f"{flag}{text}" for flag, text in options.items() if text), *_paths(selection, root)]


def _paths(selection: Selection, root: Path) -> Iterator[str]:
    for given in selection.select:
        text = _expression("select", given)
        path = root / text.partition("::")[0]
        if not path.resolve().is_relative_to(root):
            raise AgentsError(f"select: {escape(text)} is outside of the project", hint=f"give paths below {root}")
        if not path.exists():
            raise AgentsError(
                f"select: {escape(text)} does not exist", hint="give paths from the root, as node ids have them"
            )
        yield text


def _expression(name: str, text: str) -> str:
    if text.startswith(_OPTION_STARTS):
        raise AgentsError(f"{name}: {escape(text)} begins like an option", hint="give names, expressions and paths")
    if "\0" in text:
        raise AgentsError(f"{name} holds a null character", hint="leave it out")
    return text
