"""What the documentation quotes is what there is."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_parallel_agents.reports.schema import schema

ROOT = Path(__file__).parents[2]
QUOTED = re.compile(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", re.DOTALL)
PAGES = [path for path in sorted((ROOT / "docs").rglob("*.md")) if QUOTED.search(path.read_text("utf-8"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_quoted_files_are_those_of_the_repository(page: Path) -> None:
    for name, text in QUOTED.findall(page.read_text("utf-8")):
        assert text == (ROOT / name).read_text("utf-8"), name


def test_something_is_quoted() -> None:
    assert PAGES


def test_every_field_of_the_report_is_described() -> None:
    usage = (ROOT / "docs" / "usage.md").read_text("utf-8")
    section = usage.partition("\n## The report\n")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `([\w.\[\]]+)` \| (.+) \|$", section, re.MULTILINE))
    described = {place: set(re.findall(r"`(\w+)`", text)) for place, text in rows.items()}
    fields = report_fields()

    assert described.keys() == fields.keys() | {"schema"}
    assert {place: names - described[place] for place, names in fields.items() if names - described[place]} == {}


def report_fields() -> dict[str, set[str]]:
    """The fields of each object of the report by where it stands, of one that stands in several places by the first."""
    shapes: Any = schema()["$defs"]
    places = {"Report": ""}
    waiting = deque(places)
    while waiting:
        name = waiting.popleft()
        for place, inner in objects_in(places[name], shapes[name]["properties"]):
            if inner in shapes and "properties" in shapes[inner] and inner not in places:
                places[inner] = place
                waiting.append(inner)
    return {place: set(shapes[name]["properties"]) for name, place in places.items() if place}


def objects_in(place: str, properties: Any) -> Iterator[tuple[str, str]]:
    for field, shape in properties.items():
        inside = f"{place}.{field}".removeprefix(".")
        for choice in (shape, *shape.get("anyOf", ())):
            yield inside, choice.get("$ref", "").rpartition("/")[2]
            yield f"{inside}[]", choice.get("items", {}).get("$ref", "").rpartition("/")[2]
