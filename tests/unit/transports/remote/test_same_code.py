"""Which files differ between two machines."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.transports.remote.host_messages import DigestOnHost
from pytest_parallel_agents.transports.remote.same_code import digests, refuse_other_code

ASKED = DigestOnHost(files=("test_a.py", "conftest.py", "tests/conftest.py"), listed=("shop.py",))


def project(folder: Path, *, shop: str = "", git: bool = True, **texts: str) -> Path:
    folder.mkdir()
    for name in ("test_a", "conftest"):
        (folder / f"{name}.py").write_text(texts.get(name, ""))
    (folder / "shop.py").write_text(shop)
    if git:
        (folder / ".git").mkdir()
    return folder


@pytest.mark.parametrize("git", [True, False])
def test_the_same(tmp_path: Path, git: bool) -> None:  # noqa: FBT001 - a parameter
    here, there = project(tmp_path / "here"), project(tmp_path / "there", git=git)

    refuse_other_code("box", here, ASKED, digests(there, ASKED))


def test_folders_of_what_git_lists_may_be_installed_where_there_is_no_work_tree(tmp_path: Path) -> None:
    here, there = project(tmp_path / "here"), project(tmp_path / "there", git=False)
    asked = DigestOnHost(files=ASKED.files, listed=("LICENSE", "shop.py", "src/core/a.py", "src/core/b.json"))
    for name in ("LICENSE", "src/core/a.py", "src/core/b.json"):
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).touch()

    refuse_other_code("box", here, asked, digests(there, asked))

    (there / "src" / "core").mkdir(parents=True)
    (there / "src" / "core" / "a.py").touch()
    (there / "LICENSE").write_text("other")
    (there / "shop.py").unlink()
    with pytest.raises(AgentsError) as caught:
        refuse_other_code("box", here, asked, digests(there, asked))
    named = "LICENSE, shop.py (missing there), src/core/b.json (missing there)"
    assert caught.value.message == f"box has other code: {named}"


def test_all_that_differs_is_named(tmp_path: Path) -> None:
    here, there = project(tmp_path / "here"), project(tmp_path / "there", conftest="x", shop="y")
    (there / "test_a.py").unlink()
    (there / "tests").mkdir()
    (there / "tests" / "conftest.py").touch()

    with pytest.raises(AgentsError) as caught:
        refuse_other_code("box", here, ASKED, digests(there, ASKED))

    named = "test_a.py (missing there), conftest.py, tests/conftest.py (not here), shop.py"
    assert caught.value.message == f"box has other code: {named}"


def test_of_many_the_first_are_named(tmp_path: Path) -> None:
    here, there = project(tmp_path / "here"), project(tmp_path / "there")
    many = DigestOnHost(files=tuple(f"test_{number}.py" for number in range(9)), listed=())
    for path in many.files:
        (here / path).touch()

    with pytest.raises(AgentsError, match=r"test_4\.py \(missing there\) and 4 more"):
        refuse_other_code("box", here, many, digests(there, many))
