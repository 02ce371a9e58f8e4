from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import msgspec
import pytest

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.reports.last_report import keep_report, last_report
from pytest_parallel_agents.reports.report import Report

from .samples import shop_report


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def of_root(root: Path, python: str = "3") -> Report:
    report = shop_report()
    return msgspec.structs.replace(report, run=msgspec.structs.replace(report.run, root=str(root), python=python))


@pytest.mark.parametrize("in_cache", [True, False])
def test_it_is_found_at_the_root_and_below(tmp_path: Path, *, in_cache: bool) -> None:
    below = tmp_path / "shop" / "src"
    below.mkdir(parents=True)
    keep_report(of_root(tmp_path / "shop"), in_cache=in_cache)

    assert last_report(tmp_path / "shop") == last_report(below) == of_root(tmp_path / "shop")
    with pytest.raises(AgentsError, match="no run of pytest --agents has left a report for") as refused:
        last_report(tmp_path)
    assert refused.value.hint == "run pytest --agents first"


def test_the_newest_counts(tmp_path: Path) -> None:
    keep_report(of_root(tmp_path, "old"), in_cache=False)
    [private] = (tmp_path / "temporary").glob("*/*/*.json")
    os.utime(private, (1, 1))
    keep_report(of_root(tmp_path, "new"), in_cache=True)

    assert last_report(tmp_path).run.python == "new"


def test_a_folder_that_others_can_enter_is_not_used(tmp_path: Path, temporary: Path) -> None:
    keep_report(of_root(tmp_path), in_cache=False)
    [folder] = temporary.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o755)

    keep_report(of_root(tmp_path / "other"), in_cache=False)

    assert len(list(folder.iterdir())) == 1
    with pytest.raises(AgentsError):
        last_report(tmp_path)


def test_there_are_never_many(tmp_path: Path, temporary: Path) -> None:
    for number in range(25):
        keep_report(of_root(tmp_path / str(number)), in_cache=False)

    assert len(list(temporary.glob("*/*/*.json"))) == 20


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / ".pytest_cache").write_text("")

    keep_report(of_root(tmp_path), in_cache=True)

    with pytest.raises(AgentsError):
        last_report(tmp_path)
