from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pytest_parallel_agents.cli.init.destination import find_destination
from pytest_parallel_agents.cli.init.project import Project
from pytest_parallel_agents.errors import AgentsError

TEXT = "[tool.pytest-parallel-agents]\nagents = []\n"


@pytest.mark.parametrize(
    ("before", "added"),
    [
        (b"", b"[tool.pytest-parallel-agents]\nagents = []\n"),
        (b"[a]\n", b"\n[tool.pytest-parallel-agents]\nagents = []\n"),
        (b"[a] # \xc3\xa9", b"\n\n[tool.pytest-parallel-agents]\nagents = []\n"),
        (b"[a]\r\nb = 1\r\n", b"\r\n[tool.pytest-parallel-agents]\r\nagents = []\r\n"),
        (b"[a]\r\nb = 1", b"\r\n\r\n[tool.pytest-parallel-agents]\r\nagents = []\r\n"),
    ],
)
def test_nothing_that_was_there_changes(before: bytes, added: bytes, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(before)

    find_destination(Project(tmp_path)).add(TEXT)

    assert (tmp_path / "pyproject.toml").read_bytes() == before + added


def test_pyproject_is_created(tmp_path: Path) -> None:
    find_destination(Project(tmp_path)).add(TEXT)

    assert (tmp_path / "pyproject.toml").read_text("utf-8") == TEXT


def test_pytests_own_file_comes_first(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "pytest.toml").touch()

    destination = find_destination(Project(tmp_path))

    assert (destination.path, destination.header) == (tmp_path / "pytest.toml", "pytest-parallel-agents")


@pytest.mark.parametrize("name", ["pyproject.toml", ".pytest.toml"])
def test_a_table_that_is_there_is_refused(name: str, tmp_path: Path) -> None:
    header = "tool.pytest-parallel-agents" if name == "pyproject.toml" else "pytest-parallel-agents"
    (tmp_path / name).write_text(f"[{header}.agents.ruff]\n", "utf-8")

    with pytest.raises(AgentsError, match=rf"{name} has \[{header}\] already"):
        find_destination(Project(tmp_path)).refuse_second_table()


def test_a_file_that_takes_no_table_stays_as_it_is(tmp_path: Path) -> None:
    before = "tool = { ruff = {} }\n"
    (tmp_path / "pyproject.toml").write_text(before, "utf-8")

    with pytest.raises(AgentsError, match=r"pyproject\.toml takes no further table"):
        find_destination(Project(tmp_path)).add(TEXT)

    assert tomllib.loads(before) == tomllib.loads((tmp_path / "pyproject.toml").read_text("utf-8"))


@pytest.mark.parametrize("content", [b"[a\n", b"a = '\xe9'\n"])
def test_a_broken_file_is_named(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(content)

    with pytest.raises(AgentsError, match=r"pyproject\.toml is not valid TOML"):
        find_destination(Project(tmp_path))
