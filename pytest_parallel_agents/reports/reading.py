"""A JSON report, read back from its file."""

from __future__ import annotations

from pathlib import Path
from typing import Final, TypeVar

import msgspec

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.printable import escape
from pytest_parallel_agents.reports.report import SCHEMA_ID, Report

Shape = TypeVar("Shape", bound=msgspec.Struct)

_REMEDY: Final = "write one with --agents-report=PATH.json"


def read_report(path: Path) -> Report:
    """The whole report at `path`. Raises AgentsError for anything else; rendered again it gives the same bytes."""
    return read_as(Report, path, where=str(path))


def read_as(shape: type[Shape], path: Path, *, where: str) -> Shape:
    """What `shape` names of the report at `path`. Raises AgentsError, in which the file is called `where`."""
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = getattr(error, "strerror", None) or error
        raise AgentsError(f"{where} cannot be read: {reason}", hint=_REMEDY) from error
    return decode_as(shape, content, where=where)


def decode_as(shape: type[Shape], content: bytes, *, where: str) -> Shape:
    """The same of a file's content."""
    try:
        schema = msgspec.json.decode(content, type=_Head).schema
        if schema == SCHEMA_ID:
            return msgspec.json.decode(content, type=shape)
    except msgspec.ValidationError as error:
        raise AgentsError(f"{where} is no report of pytest --agents: {escape(str(error))}", hint=_REMEDY) from error
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise AgentsError(f"{where} is not valid JSON: {error}", hint=_REMEDY) from error
    if not schema:
        raise AgentsError(f"{where} is no report of pytest --agents: it names no schema", hint=_REMEDY)
    raise AgentsError(f'{where} has the schema "{escape(schema)}", and only "{SCHEMA_ID}" is understood', hint=_REMEDY)


class _Head(msgspec.Struct):
    schema: str = ""
