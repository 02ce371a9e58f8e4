"""The default branch, with which a change is compared when nobody names a revision."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.errors import BrokenTool
from pytest_parallel_agents.tools.git import Revision
from tests.repositories import commit_all, git

UNNAMED = Revision("", "x.toml: t.diff")


def test_the_default_branch_is_the_first_that_there_is(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("a = 1\n")
    commit_all(tmp_path)
    with pytest.raises(BrokenTool, match="no default branch to compare with") as raised:
        UNNAMED.or_default(tmp_path)
    assert raised.value.hint == 'write x.toml: t.diff = "REVISION"'

    for ref, name in (
        ("refs/heads/master", "master"),
        ("refs/heads/main", "main"),
        ("refs/remotes/origin/master", "origin/master"),
        ("refs/remotes/origin/main", "origin/main"),
    ):
        git(tmp_path, "update-ref", ref, "HEAD")
        assert UNNAMED.or_default(tmp_path).name == name

    git(tmp_path, "update-ref", "refs/remotes/origin/trunk", "HEAD")
    git(tmp_path, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    assert UNNAMED.or_default(tmp_path).name == "origin/trunk"
    assert Revision("start", "").or_default(tmp_path).name == "start"


def test_outside_of_a_repository_the_error_names_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(BrokenTool, match="git cannot list the changes since the default branch") as raised:
        UNNAMED.or_default(tmp_path)
    assert raised.value.hint.endswith("see x.toml: t.diff")
