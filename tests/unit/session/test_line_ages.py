from __future__ import annotations

import subprocess
from pathlib import Path

import msgspec
import pytest

from pytest_parallel_agents.convergence.evidence import RunEvidence
from pytest_parallel_agents.convergence.outlines import outline
from pytest_parallel_agents.session import line_ages
from pytest_parallel_agents.session.line_ages import with_ages

CODE = "def old():\n    a = 1\n    return a\n\ndef young():\n    return 2\n"


def git(root: Path, *words: str, days: int = 0) -> None:
    date = f"{1_700_000_000 + days * 86_400} +0000"
    names = {f"GIT_{role}_{field}": "t@example.org" for role in ("AUTHOR", "COMMITTER") for field in ("NAME", "EMAIL")}
    dates = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    subprocess.run(["git", *words], cwd=root, env={"PATH": "/usr/bin:/bin", **names, **dates}, check=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    for days, text in [(0, "# shop\n"), (10, CODE), (40, CODE.replace("return 2", "return 3"))]:
        (tmp_path / "shop.py").write_text(text)
        git(tmp_path, "add", "shop.py")
        git(tmp_path, "commit", "-qm", "change", days=days)
    return tmp_path


def evidence(root: Path) -> RunEvidence:
    return RunEvidence(checks=(), outlines={"shop.py": outline("shop.py", (root / "shop.py").read_text())})


def test_the_newest_line_of_each_function_has_its_age_before_head(repository: Path) -> None:
    run = with_ages(evidence(repository), ["shop.py"], repository)

    assert run.ages == {"shop.py": {1: 30.0, 6: 0.0}}
    assert run.changed == {}


def test_what_is_not_committed_has_changed(repository: Path) -> None:
    (repository / "shop.py").write_text(CODE.replace("return 2", "return 3").replace("a = 1", "a = 7"))
    run = with_ages(evidence(repository), ["shop.py"], repository)

    assert run.changed == {"shop.py": frozenset({2})}
    assert run.ages == {"shop.py": {2: 0.0, 6: 0.0}}


def test_lines_of_the_first_commit_that_is_there_have_no_age(repository: Path) -> None:
    shallow = repository / "shallow"
    git(repository, "clone", "-q", "--depth=1", repository.as_uri(), str(shallow))

    assert with_ages(evidence(shallow), ["shop.py"], shallow).ages == {}


def test_without_a_repository_or_time_nothing_is_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shop.py").write_text(CODE)
    run = evidence(tmp_path)
    assert with_ages(run, ["shop.py", "gone.py"], tmp_path) == run

    monkeypatch.setattr(line_ages, "MOST_SECONDS", 0.0)
    assert with_ages(run, ["shop.py"], tmp_path) == msgspec.structs.replace(run)
