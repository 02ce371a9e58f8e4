"""What `init` writes for public projects makes checks that find what the tools find when they are run by hand."""

from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest

from pytest_parallel_agents.agents.kinds import AGENTS
from pytest_parallel_agents.cli.main import main
from pytest_parallel_agents.configuration import FILES
from pytest_parallel_agents.errors import AgentsError, BrokenTool
from pytest_parallel_agents.model.results import Level
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.table_names import TABLE
from pytest_parallel_agents.tables import Table
from pytest_parallel_agents.tools.adapters.registry import ADAPTERS
from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.configured import parse_agents
from pytest_parallel_agents.tools.execution import execute
from pytest_parallel_agents.tools.interpretation import interpret
from pytest_parallel_agents.tools.invocation import Invocation
from pytest_parallel_agents.tools.program import locate
from tests.realworld.by_hand import BY_HAND, Place
from tests.tools import reach, source

pytestmark = pytest.mark.realworld

PROJECTS: Final = (
    *("attrs", "click", "flask", "httpx", "werkzeug", "idna", "jinja2", "jsonschema", "markdown", "more-itertools"),
    *("packaging", "cachetools", "pluggy", "poetry-core", "requests", "rich", "six", "sqlparse", "structlog", "tqdm"),
)
"""With src, packages or modules in the root, built by setuptools, flit, hatch or poetry, with hooks and without."""

COMPARED: Final = frozenset(
    {"bandit", "black", "codespell", "flake8", "isort", "mypy", "ruff", "ruff-format", "ty", "vulture", "yamllint"}
)


@pytest.mark.parametrize("project", PROJECTS)
def test_the_checks_find_what_the_tools_find(project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reach(monkeypatch, *COMPARED)
    root = tmp_path / project
    shutil.copytree(source(project), root)
    before = contents(root)

    assert main(["init", "--write", str(root)]) == 0

    assert {path for path, content in contents(root).items() if before.get(path) != content} <= {
        *FILES,
        "pyproject.toml",
    }
    for spec in written(root):
        if spec.adapter is not None and spec.adapter.name in COMPARED:
            assert (spec.name, ours(spec, root)) == (spec.name, by_hand(spec, root))


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def written(root: Path) -> Sequence[CommandSpec]:
    """The commands in the table that init has written."""
    for name in FILES:
        content = tomllib.loads((root / name).read_text("utf-8")) if (root / name).is_file() else {}
        table = content.get("tool", {}).get(TABLE) if name == "pyproject.toml" else content.get(TABLE)
        if table is not None:
            faults: list[AgentsError] = []
            agents = Table(table, where=name, faults=faults).named("agents")
            specs = parse_agents(agents, ADAPTERS, kinds=AGENTS, root=root)
            assert faults == []
            return specs
    raise AssertionError("init has written nothing")


def ours(spec: CommandSpec, root: Path) -> Counter[Place] | str:
    """Where the check finds something, or that the tool could not do its work."""
    tool = BY_HAND[spec.adapter.name if spec.adapter else ""]
    try:
        with TemporaryDirectory() as scratch:  # a path that is short enough for a socket, as black needs it
            output = execute(
                spec, Invocation(chosen=None, root=root, scratch=Path(scratch), cache=root.parent / "cache")
            )
        found = interpret(spec, output, root=root).findings
    except BrokenTool:
        return "broken"
    counted = [finding for finding in found if spec.name != "mypy" or finding.level is Level.ERROR]
    if tool.whole:
        return Counter({(finding.rule, finding.path, None) for finding in counted})
    return Counter((finding.rule, finding.path, finding.line) for finding in counted)


def by_hand(spec: CommandSpec, root: Path) -> Counter[Place] | str:
    """The same, with the arguments and the paths of the check, of the tool itself."""
    assert spec.adapter is not None
    tool = BY_HAND[spec.adapter.name]
    program, *words = tool.words
    command = [str(locate(program, root)), *words, *spec.args, *spec.paths]
    environment = {**os.environ, "NO_COLOR": "1"}
    finished = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    said = finished.stdout or finished.stderr
    found = Counter((rule, place(path, root) if path else None, line) for rule, path, line in tool.read(said))
    failed = finished.returncode not in spec.adapter.codes or (finished.returncode != 0 and not found)
    return "broken" if failed else found
