"""The JSON Schema of the report. `python -m pytest_parallel_agents.reports.schema` prints it anew."""

from __future__ import annotations

import json
import sys
from importlib.resources import files

import msgspec

from pytest_parallel_agents.reports.report import SCHEMA_ID, Report


def schema() -> dict[str, object]:
    """The schema that ships with the package (JSON Schema 2020-12)."""
    text = files("pytest_parallel_agents.reports").joinpath("schema.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, object])


def generate() -> dict[str, object]:
    """The same, made from the report's classes."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": SCHEMA_ID}
    return head | msgspec.json.schema(Report)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(generate(), indent=2) + "\n")
