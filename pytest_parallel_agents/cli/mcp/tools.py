"""The tools by name: what each is for, its arguments and its answer. Nothing here knows the protocol."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import Struct

from pytest_parallel_agents.cli.mcp.answers import Answer
from pytest_parallel_agents.cli.mcp.arguments import ExplainArguments, LastReportArguments, RunArguments, Selection
from pytest_parallel_agents.cli.mcp.explaining import ExplainAnswer, explain
from pytest_parallel_agents.cli.mcp.listing import ListAnswer, last_report
from pytest_parallel_agents.cli.mcp.run_answers import RunAnswer
from pytest_parallel_agents.cli.mcp.running import PlanAnswer, plan, run
from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.printable import escape


class Tool(NamedTuple):
    """One tool. `call` gets the root and the checked arguments, and raises AgentsError for mistakes in them."""

    what: str
    arguments: type[Struct]
    answer: type[Struct]
    call: Callable[[Path, Any], Awaitable[Answer]]
    only_reads: bool


TOOLS: Final[Mapping[str, Tool]] = {
    "run": Tool(
        what="Run the project's tests and other checks with pytest --agents, and say where to look first.",
        arguments=RunArguments,
        answer=RunAnswer,
        call=run,
        only_reads=False,
    ),
    "last_report": Tool(
        what="List checks and findings of the last run, filtered. Runs nothing.",
        arguments=LastReportArguments,
        answer=ListAnswer,
        call=last_report,
        only_reads=True,
    ),
    "explain": Tool(
        what="Show all that is known about one check or one cause of the last run: text, output, evidence.",
        arguments=ExplainArguments,
        answer=ExplainAnswer,
        call=explain,
        only_reads=True,
    ),
    "plan": Tool(
        what="Collect the checks and predict their run: order, conflicts and why, how long it takes. Runs no check.",
        arguments=Selection,
        answer=PlanAnswer,
        call=plan,
        only_reads=False,
    ),
}


async def call_tool(root: Path, name: str, arguments: Mapping[str, object]) -> Answer:
    """The answer of a tool. Raises AgentsError for an unknown tool, and for arguments that are not valid."""
    tool = TOOLS.get(name)
    if tool is None:
        raise AgentsError(f"there is no tool {escape(name)}", hint=f"call one of {', '.join(TOOLS)}")
    try:
        checked = msgspec.convert(arguments, tool.arguments)
    except msgspec.ValidationError as error:
        keys = ", ".join(field.name for field in msgspec.structs.fields(tool.arguments))
        raise AgentsError(f"{name}: {escape(str(error))}", hint=f"arguments: {keys}") from error
    return await tool.call(root, checked)


def schema(shape: type[Struct]) -> dict[str, Any]:
    """The JSON Schema of a struct, itself an object as the protocol wants it."""
    (reference,), components = msgspec.json.schema_components([shape], ref_template="#/$defs/{name}")
    own = components.pop(reference["$ref"].rpartition("/")[2])
    return {**own, "$defs": components} if components else own
