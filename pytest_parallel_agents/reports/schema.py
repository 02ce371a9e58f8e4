"""The JSON Schemas of the report, of the findings that commands write, and of the answer that language models give."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from functools import partial
from importlib.resources import files
from typing import Any, Final, NamedTuple

import msgspec

from pytest_parallel_agents.reports.report import SCHEMA_ID, Report
from pytest_parallel_agents.tool_formats.answer_schema import answer_schema
from pytest_parallel_agents.tool_formats.findings import FindingsShape


class _Schema(NamedTuple):
    title: str
    file: str
    made: Callable[[], Mapping[str, Any]]


SCHEMAS: Final[Mapping[str, _Schema]] = {
    "report": _Schema(SCHEMA_ID, "schema.json", partial(msgspec.json.schema, Report)),
    "findings": _Schema(
        "pytest-parallel-agents/findings/1", "findings-schema.json", partial(msgspec.json.schema, FindingsShape)
    ),
    "answer": _Schema("pytest-parallel-agents/answer/1", "answer-schema.json", answer_schema),
}


def schema(name: str = "report") -> dict[str, object]:
    """The schema that ships with the package (JSON Schema 2020-12): `report`, `findings` or `answer`."""
    text = files("pytest_parallel_agents.reports").joinpath(SCHEMAS[name].file).read_bytes()
    return msgspec.json.decode(text, type=dict[str, object])


def generate(name: str = "report") -> dict[str, object]:
    """The schema, generated from the classes."""
    title, _, make = SCHEMAS[name]
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
    made: dict[str, object] = json.loads(json.dumps(make()), object_hook=_dedented)
    return head | made


def _dedented(found: dict[str, Any]) -> dict[str, Any]:
    """Docstrings keep their indentation up to Python 3.12."""
    if isinstance(text := found.get("description"), str):
        found["description"] = inspect.cleandoc(text)
    return found
