from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_parallel_agents.errors import BrokenTool
from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.tools.changes import Changes, OnlyChanged
from tests.repositories import commit_all, git

STRANGE = (
    "sp ace.py",
    "na\N{LATIN SMALL LETTER I WITH DIAERESIS}ve.py",
    'quo"te\\.py',
    "line\nbreak.py",
    "-dash.py",
    "tab\t.py",
)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One commit with the files a.py, b.py and web/c.py, of ten lines each, on the branch `start`."""
    for variable in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(variable)
    (tmp_path / "web").mkdir()
    for name in ("a.py", "b.py", "web/c.py"):
        (tmp_path / name).write_text("".join(f"line {number} of {name}\n" for number in range(1, 11)))
    commit_all(tmp_path)
    return tmp_path


def changes(root: Path, base: str = "start", *, by_line: bool = False) -> Changes:
    found = OnlyChanged(where="x", base=base, by_line=by_line).read(root)
    assert found is not None
    return found


def change(path: Path, line: int, text: str = "changed") -> None:
    lines = path.read_text().splitlines()
    lines[line - 1] = text
    path.write_text("\n".join(lines) + "\n")


def finding(path: str | None, line: int | None = None, end_line: int | None = None) -> Finding:
    return Finding(rule="r", level=Level.ERROR, message="m", path=path, line=line, end_line=end_line)


def test_by_default_everything_is_judged(tmp_path: Path) -> None:
    assert OnlyChanged().read(tmp_path) is None


def test_committed_staged_unstaged_and_unknown_files(repository: Path) -> None:
    git(repository, "checkout", "--quiet", "-b", "mine")
    change(repository / "a.py", 1)
    git(repository, "commit", "--quiet", "--all", "--message=mine")
    (repository / "staged.py").write_text("new\n")
    git(repository, "add", "staged.py")
    change(repository / "web" / "c.py", 1)
    (repository / "web" / "unknown.py").write_text("new\n")
    (repository / ".gitignore").write_text("ignored.py\n")
    (repository / "ignored.py").write_text("new\n")

    assert changes(repository).files == (".gitignore", "a.py", "staged.py", "web/c.py", "web/unknown.py")


def test_what_others_did_since_does_not_count(repository: Path) -> None:
    git(repository, "checkout", "--quiet", "-b", "mine")
    change(repository / "a.py", 1)
    git(repository, "commit", "--quiet", "--all", "--message=mine")
    git(repository, "checkout", "--quiet", "start")
    change(repository / "b.py", 1)
    git(repository, "commit", "--quiet", "--all", "--message=theirs")
    git(repository, "checkout", "--quiet", "mine")

    assert changes(repository).files == ("a.py",)


def test_deleted_files_are_left_out_and_renamed_ones_have_their_new_names(repository: Path) -> None:
    (repository / "a.py").unlink()
    git(repository, "mv", "b.py", "d.py")
    git(repository, "rm", "--quiet", "web/c.py")

    assert changes(repository).files == ("d.py",)


@pytest.mark.parametrize("known", [True, False])
def test_strange_names(repository: Path, *, known: bool) -> None:
    for name in STRANGE:
        (repository / name).write_text("new\n")
    if known:
        git(repository, "add", ".")

    found = changes(repository, by_line=True)

    assert set(found.files) == set(STRANGE)
    assert all(found.only(Evidence(findings=(finding(name, 1),))).findings for name in STRANGE)


def test_the_root_may_be_a_folder_of_the_repository(repository: Path) -> None:
    change(repository / "a.py", 1)
    change(repository / "web" / "c.py", 1)

    found = changes(repository / "web")

    assert found.among((), (), repository / "web") == ("c.py",)
    assert found.among(("..",), (), repository / "web") == (str(repository / "a.py"), "c.py")


def test_the_root_may_be_reached_by_a_link(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    change(repository / "web" / "c.py", 1)
    link = tmp_path_factory.mktemp("elsewhere") / "link"
    link.symlink_to(repository / "web")

    assert changes(link).files == ("c.py",)


def test_a_submodule_counts_as_a_whole(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "m.py").write_text("old\n")
    commit_all(other)
    git(repository, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "sub")
    git(repository, "commit", "--quiet", "--message=submodule")
    assert changes(repository, "HEAD").files == ()

    (repository / "sub" / "m.py").write_text("new\n")

    found = changes(repository, "HEAD", by_line=True)
    assert found.among(("sub",), ("*.py",), repository) == ("sub",)
    assert found.only(Evidence(findings=(finding("sub/m.py", 7), finding("subway.py", 1)))).findings == (
        finding("sub/m.py", 7),
    )


def test_files_are_those_in_the_paths_and_of_the_types(repository: Path) -> None:
    for name in ("a.py", "web/c.py"):
        change(repository / name, 1)
    for name in ("web.py", "web/d.js"):
        (repository / name).write_text("new\n")
    found = changes(repository)

    assert found.among((), (), repository) == ("a.py", "web.py", "web/c.py", "web/d.js")
    assert found.among(("./web/",), ("*.py",), repository) == ("web/c.py",)
    assert found.among(("a.py", str(repository / "web")), (), repository) == ("a.py", "web/c.py", "web/d.js")


def test_findings_in_other_files_are_counted(repository: Path) -> None:
    change(repository / "a.py", 1)
    here, nowhere = finding("a.py", 9), finding(None)

    kept = changes(repository).only(Evidence(findings=(here, nowhere, finding("b.py"), finding("/lib/a.py", 1))))

    assert kept.findings == (here, nowhere)
    assert kept.notes == ("left out: 2 findings in files that have not changed since start",)


def test_findings_on_other_lines_are_counted(repository: Path) -> None:
    change(repository / "a.py", 3)
    git(repository, "mv", "b.py", "d.py")
    change(repository / "d.py", 5)
    (repository / "new.py").write_text("new\n")
    change(repository / "web" / "c.py", 3)
    (repository / ".gitattributes").write_text("web/c.py -diff\n")
    changed = (finding("a.py", 3), finding("a.py", 1, 4), finding("a.py"), finding("d.py", 5), finding("new.py", 1))
    kept = (*changed, finding("web/c.py", 9))
    others = (finding("a.py", 2), finding("a.py", 4), finding("d.py", 4), finding("e.py", 1))

    only = changes(repository, by_line=True).only(Evidence(findings=kept + others))

    assert only.findings == kept
    assert only.notes == ("left out: 4 findings on lines that have not changed since start",)


def test_no_note_when_all_count(repository: Path) -> None:
    change(repository / "a.py", 3)

    assert changes(repository).only(Evidence(findings=(finding("a.py", 1),))).notes == ()


def test_the_user_s_settings_of_git_change_nothing(repository: Path) -> None:
    for name, value in {
        "color.ui": "always",
        "diff.external": "false",
        "diff.noprefix": "true",
        "diff.relative": "true",
        "diff.renames": "false",
        "diff.context": "7",
        "diff.interHunkContext": "9",
        "status.showUntrackedFiles": "no",
    }.items():
        git(repository, "config", name, value)
    change(repository / "a.py", 3)
    change(repository / "a.py", 6)
    (repository / "new.py").write_text("new\n")

    found = changes(repository, by_line=True)

    assert found.files == ("a.py", "new.py")
    assert found.lines == {"a.py": [(3, 3), (6, 6)], "new.py": None}


def test_an_unknown_revision_is_named_with_what_to_do(repository: Path) -> None:
    with pytest.raises(BrokenTool, match=r"since origin/main: fatal: .*fetch-depth: 0 .*x\.only-changed"):
        changes(repository, "origin/main")


def test_a_shallow_clone_is_no_reason_to_pass(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    git(repository, "checkout", "--quiet", "-b", "mine")
    change(repository / "a.py", 1)
    git(repository, "commit", "--quiet", "--all", "--message=mine")
    git(repository, "checkout", "--quiet", "start")
    change(repository / "b.py", 1)
    git(repository, "commit", "--quiet", "--all", "--message=theirs")
    clone = tmp_path_factory.mktemp("clone")
    source = f"file://{repository}"
    git(clone, "clone", "--quiet", "--depth=1", "--branch=mine", "--no-single-branch", source, ".")

    with pytest.raises(BrokenTool, match=r"no common ancestor with HEAD \(fetch it with its history \(fetch-depth: 0"):
        changes(clone, "origin/start")


def test_a_folder_without_a_repository_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    with pytest.raises(BrokenTool, match="not a git repository"):
        changes(tmp_path)


def test_without_git_there_is_no_verdict(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(BrokenTool, match=r"it is not installed \(install it or see x\.only-changed\)"):
        changes(repository)
