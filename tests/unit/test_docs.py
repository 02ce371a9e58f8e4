"""What the documentation quotes is what there is."""

from __future__ import annotations

import re
import tomllib
from collections import deque
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from pytest_parallel_agents.agents.kinds import AGENTS
from pytest_parallel_agents.errors import UsageFaults
from pytest_parallel_agents.reading_options import read_options
from pytest_parallel_agents.reports.schema import schema
from pytest_parallel_agents.tables import Table
from pytest_parallel_agents.tools.adapters.registry import ADAPTERS
from pytest_parallel_agents.tools.configured import parse_agents

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "pytest_parallel_agents"
QUOTED = re.compile(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", re.DOTALL)
DOCS = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [*DOCS, *sorted(ROOT.glob("*.md"))]
TABLE = "[tool.pytest-parallel-agents"
DESIGN = sorted((ROOT / "docs" / "design").glob("*.md"))
QUOTING = [path for path in DOCS if QUOTED.search(path.read_text("utf-8"))]
CODE = [ROOT / "pyproject.toml", *PACKAGE.rglob("*.py")]
"""Benchmarks are no part of it: they name pages that they write."""


@pytest.mark.parametrize("page", QUOTING, ids=lambda path: path.name)
def test_quoted_files_are_those_of_the_repository(page: Path) -> None:
    for name, text in QUOTED.findall(page.read_text("utf-8")):
        assert text == (ROOT / name).read_text("utf-8"), name


def test_something_is_quoted() -> None:
    assert QUOTING


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert [link for link in links_in(page) if not leads_somewhere(page, link)] == []


@pytest.mark.parametrize("folder", sorted({page.parent for page in DOCS}), ids=lambda path: path.name)
def test_a_folder_lists_its_pages(folder: Path) -> None:
    listed = {(folder / link.partition("#")[0]).resolve() for link in links_in(folder / "README.md")}

    assert {page for page in DOCS if page.parent == folder} - listed == {folder / "README.md"}


def test_pages_that_the_code_names_are_there() -> None:
    named = {page for path in CODE for page in re.findall(r"\bdocs/[\w/-]+\.md\b", path.read_text("utf-8"))}

    assert named
    assert sorted(page for page in named if not (ROOT / page).exists()) == []


@pytest.mark.parametrize("page", [ROOT / "CONTRIBUTING.md", *DESIGN], ids=lambda path: path.name)
def test_modules_that_a_page_names_are_there(page: Path) -> None:
    named = set(re.findall(r"`([\w/]+\.py)`", page.read_text("utf-8"))) - {"conftest.py"}

    assert sorted(name for name in named if not any((base / name).exists() for base in (ROOT, PACKAGE))) == []


def test_the_table_of_floors_has_all_of_them_in_the_order_of_the_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    floors = [sorted(floor.split(" | ")) for contract in contracts for floor in contract.get("layers", ())]
    _, _, table = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("\n| floor |")
    rows = re.findall(r"^\| (`.+?`) \|", table.partition("\n\n")[0], re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`(\w+)(?:\.py)?`", row)]

    assert sorted(named) == sorted(chain.from_iterable(floors))
    places = [next(place for place, floor in enumerate(floors) if name in floor) for name in named]
    assert places == sorted(places)


def test_the_glossary_has_each_word_once_in_alphabetical_order() -> None:
    page = (ROOT / "docs" / "design" / "glossary.md").read_text("utf-8")
    words = re.findall(r"^\| (\w[^|]*?) \| [^|]+ \| `[\w/.]+` \|$", page, re.MULTILINE)

    assert words
    assert words == sorted(set(words), key=str.lower)
    assert len(words) == page.count("\n| ") - 1


def links_in(page: Path) -> list[str]:
    """What a page links to in this repository, with the part behind `#`."""
    links = re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", prose(page))
    return [link for link in links if not link.startswith(("http://", "https://"))]


def leads_somewhere(page: Path, link: str) -> bool:
    path, _, place = link.partition("#")
    target = page.parent / path if path else page
    return target.exists() and (not place or place in anchors(target))


def anchors(page: Path) -> set[str]:
    """The names that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def prose(page: Path) -> str:
    """A page without its blocks of code, where `#` begins a comment and brackets are Python's."""
    return re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def test_every_field_of_the_report_is_described() -> None:
    page = (ROOT / "docs" / "reference" / "report.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `([\w.\[\]]+)` \| (.+) \|$", page, re.MULTILINE))
    described = {place: set(re.findall(r"`(\w+)`", text)) for place, text in rows.items()}
    fields = report_fields()

    assert described.keys() == fields.keys() | {"schema"}
    assert {place: names - described[place] for place, names in fields.items() if names - described[place]} == {}


def test_every_option_is_described() -> None:
    options = set(re.findall(r'"(--agents[\w-]*)"', (PACKAGE / "plugin.py").read_text("utf-8")))
    described = re.findall(r"--agents[\w-]*", " ".join(first_cells("options.md")))

    assert options == set(described)


def test_every_key_of_the_configuration_is_described(pytester: pytest.Pytester, asked: set[str]) -> None:
    read_options(pytester.parseconfig("--agents"), AGENTS)
    tables = {key.partition(".")[0] for key in keys("configuration.md")}

    assert asked - {"calls", "peak-bytes", "wall-seconds"} == tables


def test_every_key_of_a_command_is_described(asked: set[str]) -> None:
    rules = {"command": "a", "format": "regex", "only-changed": "main", "changed-types": ["*.py"]}
    table = Table({"ruff": {}, "claude": {}, "rules": rules}, where="", faults=[])
    parse_agents(table, ADAPTERS, kinds=AGENTS, root=ROOT)

    assert asked - {"ruff", "claude", "rules"} == keys("commands.md")


def test_examples_of_the_configuration_are_accepted(pytester: pytest.Pytester) -> None:
    (pytester.mkdir("src") / "a.py").touch()
    (pytester.mkdir("packages") / "core").mkdir()
    blocks = [(page, block) for page in PAGES for block in blocks_of(page, "toml") if TABLE in block]

    assert blocks
    for page, block in blocks:
        pytester.makepyprojecttoml(block)
        try:
            read_options(pytester.parseconfig("--agents"), AGENTS)
        except UsageFaults as faults:
            pytest.fail(f"{page}\n{block}\n{faults}")


def test_examples_in_python_can_be_compiled() -> None:
    blocks = [(page, block) for page in PAGES for block in blocks_of(page, "python")]

    assert blocks
    for page, block in blocks:
        compile(block, str(page), "exec")


def blocks_of(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The keys that have been looked up in tables, whether they are there or not."""
    asked: set[str] = set()
    look_up = Table._value

    def noted(table: Table, key: str) -> object:
        asked.add(key)
        return look_up(table, key)

    monkeypatch.setattr(Table, "_value", noted)
    return asked


def first_cells(page: str) -> list[str]:
    """The first cells of the first table of a reference page."""
    text = (ROOT / "docs" / "reference" / page).read_text("utf-8")
    _, _, table = text.partition("\n|---")
    return [row.split(" | ")[0] for row in table.partition("\n\n")[0].splitlines()[1:]]


def keys(page: str) -> set[str]:
    return set(re.findall(r"`([\w.-]+)`", " ".join(first_cells(page))))


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
