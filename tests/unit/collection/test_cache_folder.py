from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from pytest_parallel_agents.collection.cache_folder import cache_folder

WITHOUT = ("-p", "no:cacheprovider")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, where others may have been before."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def ours(temporary: Path) -> Path:
    """Where a guess would put the folder of this user."""
    return temporary / f"pytest-parallel-agents-{os.getuid()}"


def test_it_is_in_the_cache_of_pytest(pytester: pytest.Pytester, temporary: Path, tmp_path: Path) -> None:
    folder = cache_folder(pytester.parseconfigure(), tmp_path)

    assert folder == pytester.path / ".pytest_cache" / "d" / "parallel-agents"
    assert list(temporary.iterdir()) == []


def test_without_that_it_is_private_and_lasts(pytester: pytest.Pytester, temporary: Path, tmp_path: Path) -> None:
    config = pytester.parseconfigure(*WITHOUT)

    folder = cache_folder(config, tmp_path)

    assert folder.parent == ours(temporary)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder.parent)} == {0o700}
    assert cache_folder(config, tmp_path) == folder


def test_projects_do_not_share_it(pytester: pytest.Pytester, temporary: Path, tmp_path: Path) -> None:
    projects = [pytester.mkdir("one"), pytester.mkdir("two")]

    folders = {cache_folder(pytester.parseconfigure(*WITHOUT, f"--rootdir={path}"), tmp_path) for path in projects}

    assert len(folders) == 2
    assert {folder.parent for folder in folders} == {ours(temporary)}


@pytest.mark.parametrize("below", [False, True], ids=["user", "project"])
def test_the_link_of_another_is_not_followed(
    pytester: pytest.Pytester, temporary: Path, tmp_path: Path, *, below: bool
) -> None:
    config = pytester.parseconfigure(*WITHOUT)
    bait = tmp_path / "bait"
    bait.mkdir(mode=0o700)
    place = cache_folder(config, tmp_path) if below else ours(temporary)
    if below:
        place.rmdir()
    place.symlink_to(bait)

    assert cache_folder(config, tmp_path) == tmp_path / "cache"
    assert list(bait.iterdir()) == []


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_the_folder_of_another_is_not_used(pytester: pytest.Pytester, temporary: Path, tmp_path: Path) -> None:
    ours(temporary).mkdir(mode=0o700)
    os.chown(ours(temporary), 12345, -1)

    assert cache_folder(pytester.parseconfigure(*WITHOUT), tmp_path) == tmp_path / "cache"


def test_a_folder_open_to_others_is_not_used(pytester: pytest.Pytester, temporary: Path, tmp_path: Path) -> None:
    ours(temporary).mkdir()
    ours(temporary).chmod(0o777)

    assert cache_folder(pytester.parseconfigure(*WITHOUT), tmp_path) == tmp_path / "cache"


def test_a_cache_of_pytest_that_cannot_be_made(pytester: pytest.Pytester, temporary: Path, tmp_path: Path) -> None:
    (pytester.path / ".pytest_cache").write_text("a file is in its place", "utf-8")

    assert cache_folder(pytester.parseconfigure(), tmp_path).parent == ours(temporary)
