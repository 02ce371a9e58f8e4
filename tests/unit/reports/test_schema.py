from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.reports.schema import SCHEMAS, generate, schema
from pytest_parallel_agents.tool_formats import findings
from pytest_parallel_agents.tool_formats.output import Output, Unreadable

MADE_WITH = "0.23."  # the version of msgspec; each may say the same in other words


@pytest.mark.skipif(not version("msgspec").startswith(MADE_WITH), reason="other versions word some of it otherwise")
@pytest.mark.parametrize("name", SCHEMAS)
def test_the_shipped_schemas_are_those_of_the_classes(name: str) -> None:
    command = f"pytest-parallel-agents schema {name}"

    assert schema(name) == generate(name), f"run `{command}` and save what it prints"
    jsonschema.Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_shipped_schemas_have_the_properties_of_the_classes(name: str) -> None:
    """Whichever version of msgspec is installed."""
    assert properties(schema(name)) == properties(generate(name))


def properties(schema: dict[str, Any]) -> dict[str, tuple[list[str], list[str]]]:
    """Of each class, and those of them that are required."""
    return {
        name: (sorted(shape.get("properties", ())), sorted(shape.get("required", ())))
        for name, shape in {"": schema, **schema.get("$defs", {})}.items()
    }


def is_readable(document: object) -> bool:
    try:
        findings.read(Output(exit_code=0, stdout=json.dumps(document), stderr=""), Path("/root"))
    except Unreadable:
        return False
    return True


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
entries = st.fixed_dictionaries(
    {},
    optional={
        "message": texts | st.integers(),
        "rule": texts | st.none(),
        "level": st.sampled_from(["note", "warning", "error", "fatal"]),
        "path": texts | st.none(),
        "line": st.integers(-1, 9) | st.none() | texts,
        "why": texts,
    },
)
documents = st.lists(entries, max_size=2) | st.fixed_dictionaries(
    {}, optional={"findings": st.lists(entries, max_size=2), "measurements": st.just([]) | texts, "finding": texts}
)


@given(documents)
def test_what_fits_the_schema_of_findings_can_be_read(document: object) -> None:
    validator = jsonschema.Draft202012Validator(schema("findings"))

    assert is_readable(document) or not validator.is_valid(document)


@pytest.mark.parametrize(
    "document", [{}, {"finding": []}, {"findings": [{}]}, {"findings": [{"message": "m", "level": "fatal"}]}]
)
def test_what_cannot_be_read_does_not_fit_it(document: object) -> None:
    assert not is_readable(document)
    assert not jsonschema.Draft202012Validator(schema("findings")).is_valid(document)
