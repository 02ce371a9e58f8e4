"""On public projects the adapters find what the tools say when they are run by hand."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from pytest_parallel_agents.model.results import Level
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.tools.adapters.registry import ADAPTERS
from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.execution import execute
from pytest_parallel_agents.tools.interpretation import interpret
from pytest_parallel_agents.tools.invocation import Invocation
from pytest_parallel_agents.tools.program import locate
from tests.realworld.by_hand import BY_HAND, SETTINGS, Place
from tests.tools import UNAVAILABLE, eslint_source, reach, source
from tests.vulnerabilities import everywhere, served

pytestmark = pytest.mark.realworld

PROJECTS = ("attrs", "jinja2", "packaging")
SOURCES = {
    "actionlint": ("attrs",),
    "checkov": ("sqlparse", "tabulate"),
    "eslint": ("eslint",),
    "hadolint": ("dockerspawner",),
    "pip-audit": ("jinja2",),
    "shellcheck": ("packaging",),
    "yamllint": ("attrs", "sqlparse", "tabulate"),
    "zizmor": ("sqlparse",),
}
"""Projects with what other tools than those for Python judge, and the only one with pinned requirements."""

RUNS = [(tool, project) for tool in BY_HAND for project in SOURCES.get(tool, PROJECTS)]


def test_every_adapter_is_compared() -> None:
    assert BY_HAND.keys() | set(UNAVAILABLE) == ADAPTERS.keys()


@pytest.mark.parametrize(("tool", "project"), RUNS)
def test_the_adapter_finds_what_the_tool_reports(
    tool: str,
    project: str,
    tmp_path: Path,
    spec_of: Callable[..., CommandSpec],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reach(monkeypatch, tool)
    monkeypatch.setenv("PYTHONHASHSEED", "0")  # pylint counts cycles of imports as its sets are ordered
    root = tmp_path / project
    shutil.copytree(eslint_source() if project == "eslint" else source(project), root)
    for name, text in SETTINGS.get(tool, {}).items():
        (root / name).write_text(text, "utf-8")

    with served(monkeypatch, everywhere) if tool == "pip-audit" else nullcontext():
        ours = adapter_places(tool, root, spec_of)
        theirs = hand_places(tool, root)

    assert ours == theirs
    assert sum(theirs.values()) > 0


def adapter_places(tool: str, root: Path, spec_of: Callable[..., CommandSpec]) -> Counter[Place]:
    """Where the adapter finds something. Mypy's notes belong to its errors, and have no rule when it prints text."""
    by_hand = BY_HAND[tool]
    paths = ["requirements/tests.txt"] if tool == "pip-audit" else list(by_hand.paths)
    named = {"paths": paths} if paths else {}
    spec = spec_of(tool, args=list(by_hand.args), **named)
    with TemporaryDirectory() as scratch:  # a path that is short enough for a socket, as black needs it
        output = execute(spec, Invocation(chosen=None, root=root, scratch=Path(scratch), cache=root.parent / "cache"))
    found = interpret(spec, output, root=root).findings
    counted = [finding for finding in found if tool != "mypy" or finding.level is Level.ERROR]
    if by_hand.whole:
        return Counter({(finding.rule, finding.path, None) for finding in counted})
    return Counter((finding.rule, finding.path, finding.line) for finding in counted)


def hand_places(tool: str, root: Path) -> Counter[Place]:
    """Where the tool says that something is, in a language that the adapter does not read."""
    program, *words = BY_HAND[tool].command()
    command = [str(locate(program, root)), *words]
    environment = {**os.environ, "NO_COLOR": "1"}
    finished = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    said = finished.stdout or finished.stderr
    return Counter((rule, place(path, root) if path else None, line) for rule, path, line in BY_HAND[tool].read(said))
