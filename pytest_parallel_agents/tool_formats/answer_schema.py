"""The JSON Schema of an answer, for programs that hold a language model to one.

It is stricter than what is read: an object, as no service takes a list, of which every key is required and no other is
allowed, as some services demand.
"""

from __future__ import annotations

from typing import Final

import msgspec

from pytest_parallel_agents.early_bound import json
from pytest_parallel_agents.model.results import Level
from pytest_parallel_agents.tool_formats.shapes import FindingShape


def answer_schema() -> dict[str, object]:
    """An object with the list `findings`."""
    (_,), definitions = msgspec.json.schema_components([FindingShape])
    fields = definitions["FindingShape"]["properties"]
    finding = _closed({name: _strict(field) for name, field in fields.items()})
    return _closed({"findings": {"type": "array", "items": finding}})


def answer_schema_text() -> str:
    """The schema on one line."""
    return json.dumps(answer_schema())


def _closed(properties: dict[str, object]) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}


_LEVELS: Final = {"type": "string", "enum": [level.value for level in Level]}


def _strict(field: dict[str, object]) -> dict[str, object]:
    """A field without its default; a level is never null."""
    if "$ref" in str(field):
        return {"description": field["description"], **_LEVELS}
    return {key: value for key, value in field.items() if key != "default"}
