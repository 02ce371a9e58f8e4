"""The front door: what it has, what it costs, and that nothing outside comes in by another one."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_parallel_agents import api

ROOT = Path(__file__).parents[2]
PAGES = (*sorted((ROOT / "docs").rglob("*.md")), *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")))
EXAMPLES = sorted((ROOT / "examples").rglob("*.py"))
IMPORTED = re.compile(
    r"""
    ^ \s* (?: from | import ) \s+ pytest_parallel_agents (?! \.api\b | \s+ import \s+ api\b ) \b .*
    | \w+ :: pytest_parallel_agents \. (?! api\b ) \S*
    | -m \s+ pytest_parallel_agents \. \S*""",
    re.MULTILINE | re.VERBOSE,
)
"""Another module of ours: imported, run, or named to pytest's filters of warnings."""


def test_every_name_is_there_and_listed_in_order() -> None:
    assert sorted(api.__all__) == api.__all__ == dir(api)
    assert {name for name in api.__all__ if getattr(api, name, None) is None} == set()
    assert not hasattr(api, "Scheduler")


def test_type_checkers_see_what_programs_get() -> None:
    """The names stand twice, for the checkers as imports."""
    seen = dict(declared_imports(ast.parse(Path(api.__file__).read_text("utf-8"))))

    assert sorted(seen) == api.__all__
    for name, (module, inner) in seen.items():
        __import__(module)
        assert getattr(sys.modules[module], inner) is getattr(api, name)


def declared_imports(tree: ast.Module) -> Iterator[tuple[str, tuple[str, str]]]:
    (block,) = (node for node in tree.body if isinstance(node, ast.If) and isinstance(node.test, ast.Name))
    for statement in block.body:
        assert isinstance(statement, ast.ImportFrom)
        yield from ((alias.asname or alias.name, (f"{statement.module}", alias.name)) for alias in statement.names)


def test_every_name_is_described() -> None:
    page = (ROOT / "docs" / "reference" / "api.md").read_text("utf-8")
    firsts = re.findall(r"^\| (`.+?) \|", page, re.MULTILINE)

    assert sorted(name for first in firsts for name in re.findall(r"`(\w+)", first)) == api.__all__


def test_what_is_not_asked_for_is_not_loaded() -> None:
    """Packages that bring a tool are imported at each start of pytest."""
    ours = "sorted(name.partition('.')[2] for name in sys.modules if name.startswith('pytest_parallel_agents.'))"
    program = f"""
import json, sys
import pytest_parallel_agents.api as api
before = {ours}
api.CheckFailed
between = {ours}
api.Adapter, api.match_lines, api.place, api.Finding
print(json.dumps([before, between, {ours}]))
"""
    printed = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    before, between, after = json.loads(printed)

    assert before == ["api"]
    assert between == ["api", "errors"]
    assert {"tools.adapters.adapter", "tool_formats.decoding"} < {*after}
    assert not {"tools.adapters.registry", "tool_formats.registry", "tool_formats.sarif", "tools.adapters.linters"} & {
        *after
    }


@pytest.mark.parametrize("file", [*PAGES, *EXAMPLES], ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_outside_imports_another_module(file: Path) -> None:
    assert IMPORTED.findall(file.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("from pytest_parallel_agents.model import Finding", 1),
        ("    import pytest_parallel_agents.model", 1),
        ("from pytest_parallel_agents import model", 1),
        ("ignore::pytest_parallel_agents.errors.LeakWarning", 1),
        ("run `python -m pytest_parallel_agents.reports.schema`", 1),
        ("from pytest_parallel_agents.api import Finding", 0),
        ("import pytest_parallel_agents.api as agents", 0),
        ("from pytest_parallel_agents import api", 0),
        ("ignore::pytest_parallel_agents.api.LeakWarning", 0),
    ],
)
def test_another_module_would_be_seen(text: str, number: int) -> None:
    assert len(IMPORTED.findall(f"# a line\n{text}\n")) == number
