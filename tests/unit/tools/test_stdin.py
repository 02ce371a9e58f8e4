from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from pytest_parallel_agents.errors import BrokenTool
from pytest_parallel_agents.tools.stdin import Stdin
from tests.repositories import commit_all, git


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One commit with the files a.py, b.py and web/c.py on the branch `start`."""
    for variable in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(variable)
    (tmp_path / "web").mkdir()
    for name in ("a.py", "b.py", "web/c.py"):
        (tmp_path / name).write_text("old\n")
    commit_all(tmp_path)
    return tmp_path


def read(root: Path, *, chosen: str | None = None, **keys: object) -> str:
    """What a command would read."""
    with Stdin(where="x", **keys).of(chosen).opened(root) as stdin:  # type: ignore[arg-type]
        assert not isinstance(stdin, int)
        return subprocess.run(["cat"], stdin=stdin, check=True, capture_output=True, text=True).stdout


def test_nothing_is_read_by_default(tmp_path: Path) -> None:
    with Stdin().opened(tmp_path) as stdin:
        assert stdin == subprocess.DEVNULL


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "prompt.md").write_text("Be brief.")

    assert read(tmp_path, file="prompt.md") == "Be brief.\n"


def test_the_input_stands_for_the_file(tmp_path: Path) -> None:
    (tmp_path / "style.md").write_text("Style.\n")

    assert read(tmp_path, file="{}.md", chosen="style") == "Style.\n"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenTool, match=r"^the command is to read promt\.md: No such file .* \(see x\.stdin\)$"):
        read(tmp_path, file="promt.md")


def test_changes_follow_the_file(repository: Path) -> None:
    (repository / "prompt.md").write_text("Review this.\n")
    (repository / "a.py").write_text("new\n")

    text = read(repository, file="prompt.md", base="start")

    assert text.startswith("Review this.\n\ndiff --git a/a.py b/a.py\n")
    assert text.endswith("-old\n+new\n")


def test_changes_are_committed_or_not_and_ours_alone(repository: Path) -> None:
    git(repository, "checkout", "--quiet", "-b", "mine")
    (repository / "a.py").write_text("committed\n")
    git(repository, "commit", "--quiet", "--all", "--message=mine")
    (repository / "b.py").write_text("not yet\n")
    git(repository, "stash", "--quiet")
    git(repository, "checkout", "--quiet", "start")
    (repository / "web" / "c.py").write_text("by others\n")
    git(repository, "commit", "--quiet", "--all", "--message=others")
    git(repository, "checkout", "--quiet", "mine")
    git(repository, "stash", "pop", "--quiet")

    text = read(repository, base="start")

    assert "+committed" in text
    assert "+not yet" in text
    assert "by others" not in text


def test_changes_in_the_input_only(repository: Path) -> None:
    for name in ("a.py", "b.py"):
        (repository / name).write_text("new\n")

    text = read(repository, base="HEAD", paths=("{}",), chosen="b.py")

    assert text.startswith("diff --git a/b.py b/b.py\n")
    assert "a/a.py" not in text


def test_paths_are_seen_from_the_root_and_what_is_above_it_is_left_out(repository: Path) -> None:
    for name in ("a.py", "web/c.py"):
        (repository / name).write_text("new\n")

    text = read(repository / "web", base="HEAD")

    assert text.startswith("diff --git a/c.py b/c.py\n")
    assert "a.py" not in text


def test_the_user_s_settings_of_git_change_nothing(repository: Path) -> None:
    git(repository, "config", "color.diff", "always")
    git(repository, "config", "diff.external", "false")
    git(repository, "config", "diff.mnemonicPrefix", "true")
    (repository / "na\N{LATIN SMALL LETTER I WITH DIAERESIS}ve.py").write_text("new\n")
    git(repository, "add", ".")

    assert "+++ b/na\N{LATIN SMALL LETTER I WITH DIAERESIS}ve.py\n" in read(repository, base="HEAD")


@pytest.mark.parametrize(("paths", "where"), [((), ""), (("a.py", "web"), " in a.py, web")])
def test_without_changes_there_is_nothing_to_do(repository: Path, paths: tuple[str, ...], where: str) -> None:
    (repository / "b.py").write_text("new\n")
    if not paths:
        git(repository, "checkout", "--quiet", "--", ".")

    with pytest.raises(pytest.skip.Exception, match=f"^nothing has changed since HEAD{where}$"):
        read(repository, base="HEAD", paths=paths)


def test_a_path_that_neither_exists_nor_has_changed_is_named(repository: Path) -> None:
    (repository / "a.py").unlink()

    with pytest.raises(BrokenTool, match=r"^no such path: sr, webb \(see x\)$"):
        read(repository, base="HEAD", paths=("sr", "a.py", "b.py", "webb"))

    assert "-old" in read(repository, base="HEAD", paths=("a.py", "*.rs", ":(exclude)web"))


def test_an_unknown_revision_is_named(repository: Path) -> None:
    with pytest.raises(
        BrokenTool,
        match=r"^git cannot list the changes since origin/main: fatal: Not a valid object name origin/main"
        r" \(fetch it with its history \(fetch-depth: 0 of actions/checkout, .*\), or see x.stdin-diff\)$",
    ):
        read(repository, base="origin/main")


def test_a_revision_without_a_common_ancestor_is_named(repository: Path) -> None:
    git(repository, "checkout", "--quiet", "--orphan", "other")
    git(repository, "commit", "--quiet", "--message=unrelated")

    with pytest.raises(BrokenTool, match="since start: it has no common ancestor with HEAD"):
        read(repository, base="start")


def test_a_folder_without_a_repository_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    with pytest.raises(BrokenTool, match=r"^git cannot list the changes since HEAD: fatal: not a git repository"):
        read(tmp_path, base="HEAD")


def test_a_missing_git_is_named(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository))

    with pytest.raises(BrokenTool, match=r"since HEAD: it is not installed \(install it or see x\.stdin-diff\)$"):
        read(repository, base="HEAD")
