from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.early.staleness import Staleness


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("src/a.py", "src/__pycache__/a.pyc", "src/.hidden/a.py", "data/a.txt", "other.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("keys", "changed", "stale"),
    [
        ({"paths": ["src"]}, "src/a.py", True),
        ({"paths": ["src"]}, "src/new.py", True),
        ({"paths": ["src/a.py"]}, "src/a.py", True),
        ({"paths": ["."]}, "data/a.txt", True),
        ({"paths": ["a.py"], "cwd": "src"}, "src/a.py", True),
        ({"reads": ["data/"]}, "data/a.txt", True),
        ({"paths": ["src"]}, "other.py", False),
        ({"paths": ["src"]}, "src/__pycache__/a.pyc", False),
        ({"paths": ["src"]}, "src/.hidden/a.py", False),
        ({"reads": ["database"]}, "other.py", False),
        ({"command": ["python", "other.py"]}, "other.py", True),
        ({"command": ["python", "../other.py"], "cwd": "src"}, "other.py", True),
        ({"command": ["tool", "src"]}, "src/a.py", True),
        ({"command": ["tool", "..", "x" * 5000]}, "other.py", False),
        ({}, "other.py", False),
        ({"paths": ["src"]}, None, False),
    ],
)
def test_what_a_command_declares_to_read_is_looked_at(
    project: Path, spec_of: Callable[..., CommandSpec], keys: dict[str, object], changed: str | None, *, stale: bool
) -> None:
    since = max(path.stat().st_ctime for path in project.rglob("*")) + 0.03
    while time.time() < since:
        time.sleep(0.01)
    if changed is not None:
        (project / changed).write_text("x = 1")
        os.utime(project / changed, (0, 0))  # a copy may keep the time of its original

    assert Staleness(project).is_stale(spec_of(**{"command": ["tool"], **keys}), None, since) is stale


def test_a_file_that_is_gone_was_judged(project: Path, spec_of: Callable[..., CommandSpec]) -> None:
    spec, other = spec_of(command=["tool"], paths=["src"]), spec_of(command=["tool"], paths=["data"])
    staleness = Staleness(project)
    for each in (spec, other):
        staleness.look(each, None)
    (project / "src/a.py").unlink()
    (project / "src/__pycache__/a.pyc").unlink()

    assert [staleness.is_stale(each, None, time.time() + 1) for each in (spec, other)] == [True, False]


@pytest.mark.parametrize(
    ("keys", "chosen", "declared"),
    [
        ({"command": ["tool"], "paths": ["src"]}, None, True),
        ({"command": ["tool"], "reads": ["src"]}, None, True),
        ({"command": ["tool", "{}"], "each": ["src"]}, "src", True),
        ({"command": ["tool", "{}"], "each": ["style"]}, "style", False),
        ({"command": ["python", "other.py"]}, None, False),
        ({"command": ["tool"]}, None, False),
        ({"tool": "ruff"}, None, True),
        ({"tool": "zizmor", "paths": []}, None, True),
    ],
)
def test_it_is_known_what_a_command_judges_that_declares_it(
    project: Path,
    spec_of: Callable[..., CommandSpec],
    keys: dict[str, object],
    chosen: str | None,
    *,
    declared: bool,
) -> None:
    assert Staleness(project).is_declared(spec_of(**keys), chosen) is declared


def test_a_known_tool_looks_at_files_of_its_types(project: Path, spec_of: Callable[..., CommandSpec]) -> None:
    ruff = spec_of("ruff", paths=["."])
    (project / "data/a.txt").write_text("changed")
    of_text = Staleness(project / "data").is_stale(ruff, None, 0.0)

    assert (of_text, Staleness(project).is_stale(ruff, None, 0.0)) == (False, True)
