"""JSON lines: one finding on each line, with the keys of the format `findings`."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from pytest_parallel_agents.model.results import Evidence, Finding
from pytest_parallel_agents.tables import Table
from pytest_parallel_agents.tool_formats.decoding import parse
from pytest_parallel_agents.tool_formats.locating import Locator, Prefix, path_map
from pytest_parallel_agents.tool_formats.output import Output, Reader, Unreadable
from pytest_parallel_agents.tool_formats.shapes import finding_shape


def configured(table: Table) -> Reader:
    return partial(read, prefixes=path_map(table))


def read(output: Output, root: Path, prefixes: tuple[Prefix, ...] = ()) -> Evidence:
    locator = Locator(root, prefixes)
    lines = enumerate(output.stdout.removeprefix("\ufeff").split("\n"), start=1)
    return Evidence(findings=tuple(_finding(line, number, locator) for number, line in lines if line.strip()))


def _finding(line: str, number: int, locator: Locator) -> Finding:
    try:
        return finding_shape(parse(line), "the object").finding(locator)
    except Unreadable as error:
        raise Unreadable(f"{error}, line {number}") from error
