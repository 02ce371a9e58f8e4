from __future__ import annotations

import gzip
from pathlib import Path

import msgspec
import pytest

from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.several_runs.history import with_history
from pytest_parallel_agents.several_runs.keeping import Keeping
from pytest_parallel_agents.several_runs.kept_reports import KeptReports
from tests.unit.reports.samples import shop_report

MANY = Keeping(reports=30)


def report(minute: int) -> Report:
    """The shop's, of a run that started then."""
    shop = shop_report()
    return msgspec.structs.replace(
        shop, run=msgspec.structs.replace(shop.run, started=f"2025-01-02T03:{minute:02}:05.000Z")
    )


def minutes(kept: KeptReports) -> list[int]:
    return [int(run.run.started[14:16]) for run in kept.runs()]


def test_reports_come_back_oldest_first(tmp_path: Path) -> None:
    kept = KeptReports(tmp_path / "new" / "folder")
    for minute in (2, 1, 3):
        kept.add(report(minute), MANY)

    assert minutes(kept) == [1, 2, 3]
    run = kept.runs()[0]
    assert [check.nodeid for check in run.checks] == [check.nodeid for check in shop_report().checks]
    assert run.run.exit_code == 1


def test_runs_of_the_same_moment_are_all_kept(tmp_path: Path) -> None:
    for _ in range(3):
        KeptReports(tmp_path).add(report(1), MANY)

    assert minutes(KeptReports(tmp_path)) == [1, 1, 1]


def test_the_oldest_is_dropped_when_there_are_too_many(tmp_path: Path) -> None:
    kept = KeptReports(tmp_path)
    for minute in range(1, 6):
        kept.add(report(minute), Keeping(reports=3))

    assert minutes(kept) == [3, 4, 5]


def test_the_oldest_are_dropped_when_all_are_too_large(tmp_path: Path) -> None:
    kept = KeptReports(tmp_path)
    kept.add(report(1), MANY)
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    for minute in (2, 3, 4):
        kept.add(report(minute), Keeping(reports=30, most_bytes=size * 5 // 2))

    assert minutes(kept) == [3, 4]


def test_a_report_that_is_too_large_alone_is_not_kept(tmp_path: Path) -> None:
    KeptReports(tmp_path).add(report(1), Keeping(reports=3, most_bytes=9))

    assert list(tmp_path.iterdir()) == []


def test_the_history_in_a_report_is_not_kept_again(tmp_path: Path) -> None:
    kept = KeptReports(tmp_path)
    kept.add(report(1), MANY)
    kept.add(with_history(report(2), kept.runs()), MANY)

    documents = [msgspec.json.decode(gzip.decompress(path.read_bytes())) for path in tmp_path.iterdir()]
    assert [document["history"] for document in documents] == [None, None]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no gzip",
        gzip.compress(b"no JSON"),
        gzip.compress(b"{}"),
        gzip.compress(b'{"schema": "pytest-parallel-agents/report/1"}'),
        gzip.compress(b"[" * 9000)[:-9],
    ],
    ids=range(6),
)
def test_what_cannot_be_read_is_skipped(tmp_path: Path, content: bytes) -> None:
    kept = KeptReports(tmp_path)
    kept.add(report(1), MANY)
    (tmp_path / "20250102030000000-12345678.json.gz").write_bytes(content)
    (tmp_path / "note.txt").write_bytes(content)

    assert minutes(kept) == [1]


def test_a_folder_that_cannot_be_made_costs_only_the_history(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = KeptReports(tmp_path / "file" / "below")

    kept.add(report(1), MANY)

    assert kept.runs() == []
