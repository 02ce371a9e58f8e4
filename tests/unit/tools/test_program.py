from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from pytest_parallel_agents.tools.program import Program, fingerprint, locate


def test_the_projects_npm_program_comes_before_the_search_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, others = tmp_path / "node_modules" / ".bin", tmp_path / "others"
    for folder in (ours, others):
        folder.mkdir(parents=True)
        (folder / "linter").write_text("#!/bin/sh\n", "utf-8")
        (folder / "linter").chmod(0o755)
    monkeypatch.setenv("PATH", str(others))

    assert locate("linter", tmp_path) == str(ours / "linter")


def test_relative_folders_of_the_search_path_are_those_of_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "linter").touch(0o755)
    monkeypatch.setenv("PATH", "bin")
    monkeypatch.chdir(tmp_path)

    assert locate("linter", tmp_path / "elsewhere") == str(tmp_path / "bin" / "linter")


@pytest.mark.parametrize(
    ("variables", "same"),
    [
        ({"TMPDIR": "/x", "PYTEST_CURRENT_TEST": "a", "PYTEST_XDIST_WORKER": "gw1"}, True),
        ({"PYTEST_ADDOPTS": "-x"}, False),
        ({"X": "1"}, False),
    ],
)
def test_what_workers_name_themselves_by_does_not_distinguish_programs(
    variables: Mapping[str, str], *, same: bool
) -> None:
    def stamp(environment: Mapping[str, str]) -> str:
        program = Program(path="p", argv=("p",), folder=Path(), environment=environment, targets=())
        return fingerprint(program, subprocess.DEVNULL)

    assert (stamp(variables) == stamp({})) is same


def test_a_program_that_has_changed_is_another(tmp_path: Path) -> None:
    file = tmp_path / "tool"
    program = Program(path=str(file), argv=("tool",), folder=Path(), environment={}, targets=())
    stamps = {fingerprint(program, subprocess.DEVNULL)}
    for text in ("true", "false"):
        file.write_text(text)
        stamps.add(fingerprint(program, subprocess.DEVNULL))

    assert len(stamps) == 3
