from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.model.results import Result
from pytest_parallel_agents.reports.build import build
from pytest_parallel_agents.reports.formats.json_report import render
from pytest_parallel_agents.reports.reading import read_report

from .drawn import HOSTILE, any_results
from .samples import FACTS, located, plan, shop_report


@given(any_results(HOSTILE))
@settings(max_examples=50)
def test_what_is_read_renders_the_same(drawn: list[Result]) -> None:
    rendered = render(build(FACTS, plan(drawn), drawn, located(drawn)))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.json"
        path.write_bytes(rendered)

        assert render(read_report(path)) == rendered


def test_the_report_is_the_one_that_was_written(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(render(shop_report()))

    assert read_report(tmp_path / "x.json") == shop_report()


def changed(**fields: object) -> bytes:
    return json.dumps(json.loads(render(shop_report())) | fields).encode()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "is not valid JSON"),
        (b"<testsuites/>", "is not valid JSON"),
        (b"\xff\xfe", "is not valid JSON"),
        (render(shop_report())[:-9], "is not valid JSON"),
        (b"[" * 100_000, "is no report of pytest --agents: Expected `object`, got `array`"),
        (b'{"a":' * 100_000, "is not valid JSON"),
        (b"{}", "it names no schema"),
        (b"[]", "is no report of pytest --agents"),
        (b'{"schema": 1}', "is no report of pytest --agents"),
        (changed(schema="pytest-parallel-agents/report/9"), 'has the schema "pytest-parallel-agents/report/9"'),
        (changed(schema="\x1b[2J"), r'has the schema "\x1b[2J"'),
        (changed(checks=None), "is no report of pytest --agents: Expected `array`, got `null` - at `$.checks`"),
        (changed(more=1), "is no report of pytest --agents: Object contains unknown field `more`"),
    ],
    ids=range(13),
)
def test_anything_else_is_refused(tmp_path: Path, content: bytes, fault: str) -> None:
    (tmp_path / "x.json").write_bytes(content)

    with pytest.raises(AgentsError) as refused:
        read_report(tmp_path / "x.json")

    assert refused.value.message.startswith(str(tmp_path / "x.json"))
    assert fault in refused.value.message
    assert refused.value.hint == "write one with --agents-report=PATH.json"


@pytest.mark.parametrize(("name", "reason"), [("none.json", "No such file"), (".", "Is a directory"), ("\0", "null")])
def test_a_file_that_cannot_be_read_is_a_readable_error(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(AgentsError, match="cannot be read") as refused:
        read_report(tmp_path / name)

    assert reason in refused.value.message
