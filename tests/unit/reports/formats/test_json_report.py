from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.model.results import Outcome, Result
from pytest_parallel_agents.reports.build import build
from pytest_parallel_agents.reports.causes import Located
from pytest_parallel_agents.reports.formats.suffixes import write_report
from pytest_parallel_agents.reports.report import Report
from tests.unit.reports.samples import FACTS, check, shop_report


def test_the_file_holds_the_report_and_no_other_file_is_left(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "x.json"

    write_report(shop_report(), path)

    assert msgspec.json.decode(path.read_bytes(), type=Report) == shop_report()
    assert [each.name for each in path.parent.iterdir()] == ["x.json"]


def test_an_earlier_report_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("old and much longer" * 10_000)

    write_report(shop_report(), path)

    assert json.loads(path.read_bytes())["schema"] == "pytest-parallel-agents/report/1"


def test_text_that_is_not_unicode_is_escaped(tmp_path: Path) -> None:
    nodeid = b"test_\xff.py::t".decode("utf-8", "surrogateescape")
    broken = Result(check=check(0, nodeid), outcome=Outcome.ERROR, message="\ud800")
    path = tmp_path / "x.json"

    write_report(build(FACTS, None, [broken], Located()), path)

    [entry] = msgspec.json.decode(path.read_bytes(), type=Report).checks
    assert (entry.nodeid, entry.message) == ("test_\\udcff.py::t", "\\ud800")


def test_a_place_that_cannot_be_written_is_a_readable_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "x.json"

    with pytest.raises(AgentsError, match="cannot write the report") as raised:
        write_report(shop_report(), path)

    assert str(path) in raised.value.message
    assert "--agents-report" in raised.value.hint


def test_a_failed_replacement_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.mkdir()

    with pytest.raises(AgentsError, match="cannot write the report"):
        write_report(shop_report(), path)

    assert list(tmp_path.iterdir()) == [path]
