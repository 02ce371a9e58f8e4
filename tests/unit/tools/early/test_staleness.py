from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.early.staleness import Staleness

CLOCK_SECONDS = 0.03
"""A change is another one only after that."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    names = ("src/a.py", "src/__pycache__/a.pyc", "src/.hidden/a.py", "src/.x_cache/a.py", "data/a.txt", "other.py")
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "link").symlink_to("src")
    return tmp_path


def looked(project: Path, *specs: CommandSpec) -> Staleness:
    """After it has looked at what they judge."""
    time.sleep(CLOCK_SECONDS)
    staleness = Staleness(project)
    for spec in specs:
        staleness.look(spec, None)
    return staleness


def stale(project: Path, specs: Sequence[CommandSpec], change: Callable[[], object]) -> list[bool]:
    staleness = looked(project, *specs)
    change()
    return [staleness.is_stale(spec, None) for spec in specs]


@pytest.mark.parametrize(
    ("keys", "changed"),
    [
        ({"paths": ["src"]}, "src/a.py"),
        ({"paths": ["src"]}, "src/new.py"),
        ({"paths": ["src"]}, "src/.hidden/a.py"),
        ({"paths": ["src/a.py"]}, "src/a.py"),
        ({"paths": ["link"]}, "src/a.py"),
        ({"paths": ["."]}, "data/a.txt"),
        ({"paths": ["a.py"], "cwd": "src"}, "src/a.py"),
        ({"reads": ["data/"]}, "data/a.txt"),
        ({"reads": ["new.txt"]}, "new.txt"),
        ({"command": ["python", "other.py"]}, "other.py"),
        ({"command": ["python", "../other.py"], "cwd": "src"}, "other.py"),
        ({"command": ["tool", "--settings=other.py"]}, "other.py"),
        ({"command": ["tool", "--settings=new.py"]}, "new.py"),
        ({"env": {"SETTINGS": "other.py"}}, "other.py"),
        ({"env": {"FOLDERS": "data:src"}}, "src/a.py"),
        ({"command": ["sh", "-c", "cd data && python ../other.py; (python 'src/a.py')"]}, "src/a.py"),
        ({"command": ["python", "-m", "other"]}, "other.py"),
        ({"command": ["python", "-m", "src.tool"]}, "src/a.py"),
        ({"command": ["tool", "src"]}, "src/a.py"),
    ],
)
def test_what_a_command_declares_or_names_is_looked_at(
    project: Path, spec_of: Callable[..., CommandSpec], keys: dict[str, object], changed: str
) -> None:
    def change() -> None:
        (project / changed).write_text("x = 1")
        os.utime(project / changed, (0, 0))  # a copy may keep the time of its original

    assert stale(project, [spec_of(**{"command": ["tool"], **keys})], change) == [True]


@pytest.mark.parametrize(
    ("keys", "changed"),
    [
        ({"paths": ["src"]}, "other.py"),
        ({"paths": ["src"]}, "src/__pycache__/a.pyc"),
        ({"paths": ["src"]}, "src/.x_cache/a.py"),
        ({"paths": ["src"]}, "src/.eslintcache"),
        ({"reads": ["database"]}, "other.py"),
        ({"command": ["tool", "..", "x" * 5000, "--empty="]}, "other.py"),
        ({"command": ["python", "-m", "pytest", "other"]}, "other.py"),
        ({}, "other.py"),
    ],
)
def test_what_it_does_not_name_is_not(
    project: Path, spec_of: Callable[..., CommandSpec], keys: dict[str, object], changed: str
) -> None:
    spec = spec_of(**{"command": ["tool"], **keys})

    assert stale(project, [spec], lambda: (project / changed).write_text("x = 1")) == [False]


def test_a_file_that_is_gone_was_judged(project: Path, spec_of: Callable[..., CommandSpec]) -> None:
    specs = [
        spec_of("judges", command=["tool"], paths=["src"]),
        spec_of("other", command=["tool"], paths=["data"]),
        spec_of("names", command=["tool", "src/a.py"]),
    ]

    def change() -> None:
        (project / "src/a.py").unlink()
        (project / "src/__pycache__/a.pyc").unlink()

    assert stale(project, specs, change) == [True, False, True]


@pytest.mark.parametrize("how", ["folder", "link", "clock"])
def test_another_file_at_the_same_path_is_another(
    project: Path, spec_of: Callable[..., CommandSpec], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """However old it is, and whatever clock the file system has."""
    (project / "old").mkdir()
    (project / "old/a.py").touch()
    staleness = looked(project, spec := spec_of(command=["tool"], paths=["link"]))
    if how == "folder":
        (project / "src").rename(project / "away")
        (project / "old").rename(project / "src")
    elif how == "link":
        (project / "link").unlink()
        (project / "link").symlink_to("old")
    else:
        (project / "src/a.py").write_text("x = 1")
        monkeypatch.setattr(time, "time", lambda: 2e10)

    assert staleness.is_stale(spec, None)


def test_a_change_that_cannot_be_known_from_the_last_one_counts(
    project: Path, spec_of: Callable[..., CommandSpec]
) -> None:
    spec = spec_of(command=["tool"], paths=["src"])
    staleness = looked(project)
    (project / "src/a.py").write_text("x = 1")
    staleness.look(spec, None)

    assert staleness.is_stale(spec, None)


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


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ("src/a.py", [True, True]),
        ("src/a.txt", [False, False]),
        ("src/ruff.toml", [True, True]),
        (".flake8", [True, True]),
        ("setup.cfg", [True, True]),
        ("other.py", [False, True]),
        ("data/generated.pyi", [False, True]),
        ("data/deep.txt", [False, False]),
    ],
)
def test_a_known_tool_reads_settings_and_may_follow_imports(
    project: Path, spec_of: Callable[..., CommandSpec], changed: str, expected: list[bool]
) -> None:
    specs = [spec_of("ruff", paths=["."], cwd="src"), spec_of("mypy", paths=["src"])]

    assert stale(project, specs, lambda: (project / changed).write_text("x = 1")) == expected
