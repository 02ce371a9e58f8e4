from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.tools.program import locate


def test_the_projects_npm_program_comes_before_the_search_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, others = tmp_path / "node_modules" / ".bin", tmp_path / "others"
    for folder in (ours, others):
        folder.mkdir(parents=True)
        (folder / "linter").write_text("#!/bin/sh\n", "utf-8")
        (folder / "linter").chmod(0o755)
    monkeypatch.setenv("PATH", str(others))

    assert locate("linter", tmp_path) == str(ours / "linter")
