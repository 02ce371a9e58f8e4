from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.session.code_state import CodeState, code_state
from tests.repositories import commit_all, git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "shop.py").write_text("A = 1\n")
    commit_all(tmp_path)
    return tmp_path


def test_all_is_committed(repository: Path) -> None:
    assert code_state(repository) == CodeState(commit=git(repository, "rev-parse", "HEAD").strip(), uncommitted="")


def test_what_is_not_committed_makes_a_difference_and_the_same_change_the_same(repository: Path) -> None:
    found = []
    for text in ("A = 2\n", "A = 3\n", "A = 2\n", "A = 1\n"):
        (repository / "shop.py").write_text(text)
        found.append(code_state(repository).uncommitted)

    assert found[0] == found[2]
    assert len(set(found)) == 3
    assert found[3] == ""


def test_a_new_source_counts_and_a_new_report_does_not(repository: Path) -> None:
    (repository / "report.json").write_text("{}")
    assert code_state(repository).uncommitted == ""
    (repository / "new.py").write_text("B = 1\n")
    first = code_state(repository).uncommitted
    (repository / "new.py").write_text("B = 2345\n")

    assert "" != first != code_state(repository).uncommitted != ""


def test_without_a_commit_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert code_state(tmp_path) == CodeState()
    git(tmp_path, "init", "-q")

    assert code_state(tmp_path) == CodeState()


def test_without_git_nothing_is_known(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository))

    assert code_state(repository) == CodeState()
