"""The JSON Schemas of the report and of the findings that commands write."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final, NamedTuple

import msgspec

from pytest_parallel_agents.reports.report import SCHEMA_ID, Report
from pytest_parallel_agents.tool_formats.findings import FindingsShape


class _Schema(NamedTuple):
    title: str
    file: str
    shape: Any


SCHEMAS: Final[Mapping[str, _Schema]] = {
    "report": _Schema(SCHEMA_ID, "schema.json", Report),
    "findings": _Schema("pytest-parallel-agents/findings/1", "findings-schema.json", FindingsShape),
}


def schema(name: str = "report") -> dict[str, object]:
    """The schema that ships with the package (JSON Schema 2020-12): `report` or `findings`."""
    text = files("pytest_parallel_agents.reports").joinpath(SCHEMAS[name].file).read_bytes()
    return msgspec.json.decode(text, type=dict[str, object])


def generate(name: str = "report") -> dict[str, object]:
    """The schema, generated from the classes."""
    title, _, shape = SCHEMAS[name]
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
    made: dict[str, object] = json.loads(json.dumps(msgspec.json.schema(shape)), object_hook=_dedented)
    return head | made


def _dedented(found: dict[str, Any]) -> dict[str, Any]:
    """Docstrings keep their indentation up to Python 3.12."""
    if isinstance(text := found.get("description"), str):
        found["description"] = inspect.cleandoc(text)
    return found
