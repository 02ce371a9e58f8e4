from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from pytest_parallel_agents.cli.mcp.answers import Answer
from pytest_parallel_agents.cli.mcp.pytest_process import Finished
from pytest_parallel_agents.cli.mcp.run_answers import run_answer
from pytest_parallel_agents.cli.mcp.tools import TOOLS
from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.reports.formats.json_report import encode
from pytest_parallel_agents.reports.report import Report
from tests.unit.reports.samples import shop_report

from .test_tools import HOSTILE, MOST, many_checks

RED = Finished(exit_code=1, output="output", timed_out=False)


def content(answer: Answer) -> dict[str, Any]:
    """Its structure. Both it and the text are bounded."""
    encoded = msgspec.json.encode(answer.content)
    assert len(answer.text.encode()) + len(encoded) <= MOST
    found: dict[str, Any] = json.loads(encoded)
    msgspec.convert(found["next"]["arguments"], TOOLS[found["next"]["tool"]].arguments)
    return found


def ended(exit_code: int, report: Report | None = None) -> Report:
    """The report of a run of passed checks, or of these, with this exit code."""
    shop = shop_report()
    passed = tuple(msgspec.structs.replace(check, outcome=Outcome.PASSED) for check in shop.checks)
    report = report or msgspec.structs.replace(shop, checks=passed, causes=())
    return msgspec.structs.replace(report, run=msgspec.structs.replace(report.run, exit_code=exit_code))


def test_causes_come_first_then_failures() -> None:
    answer = run_answer(shop_report(), RED, is_part=False)

    lines = answer.text.splitlines()
    assert lines[0] == "failed: 2 failed, 1 passed of 3 checks in 15.5 s"
    assert lines[2] == "Look here first:"
    assert lines[3].startswith("1. src/shop/cart.py:40-42 total [")
    assert "failed pyproject.toml::mypy [review]: 2 errors" in lines
    found = content(answer)
    assert (found["exit_code"], found["causes"][0]["function"], found["output"]) == (1, "total", "")
    assert [failure["nodeid"] for failure in found["failures"]] == [
        "pyproject.toml::mypy",
        "tests/test_cart.py::test_total",
    ]


@pytest.mark.parametrize("text", [HOSTILE, "\\" * 3000, "\N{FACE WITH TEARS OF JOY}" * 3000, "'" * 3000])
def test_any_text_is_bounded_and_what_is_left_out_is_counted(text: str) -> None:
    report = many_checks(300, text)
    causes = tuple(msgspec.structs.replace(each, function=text, kinds=(text,) * 20) for each in report.causes)
    command = f"pytest {text}"
    checks = tuple(msgspec.structs.replace(check, kind=text, reproduce=command) for check in report.checks)

    report = msgspec.structs.replace(report, checks=checks, causes=causes)

    answer = run_answer(msgspec.json.decode(encode(report), type=Report), RED, is_part=False)

    found = content(answer)
    assert len(found["failures"]) + found["failures_left_out"] == 300
    assert {failure["reproduce"] for failure in found["failures"]} == {""}
    assert f"... and {found['failures_left_out']} more failures" in answer.text


@pytest.mark.parametrize(
    ("report", "is_part", "tool", "arguments"),
    [
        (shop_report(), False, "explain", {"what": "1"}),
        (msgspec.structs.replace(shop_report(), causes=()), False, "explain", {"what": "pyproject.toml::mypy"}),
        (ended(0), True, "run", {}),
        (ended(0), False, "last_report", {}),
        (ended(2), True, "last_report", {}),
        (ended(5, msgspec.structs.replace(shop_report(), checks=(), causes=())), True, "plan", {}),
    ],
)
def test_the_next_call_depends_on_the_end(
    report: Report, tool: str, arguments: dict[str, Any], *, is_part: bool
) -> None:
    follows = content(run_answer(report, RED, is_part=is_part))["next"]

    assert (follows["tool"], follows["arguments"]) == (tool, arguments)


def test_the_output_is_shown_where_nothing_else_shows_the_reason() -> None:
    finished = Finished(exit_code=3, output="INTERNALERROR> \x1b[1mwhy", timed_out=False)

    answer = run_answer(ended(3), finished, is_part=False)

    assert content(answer)["output"] == r"INTERNALERROR> \x1b[1mwhy"
    assert r"INTERNALERROR> \x1b[1mwhy" in answer.text


def test_a_run_that_was_ended_says_so() -> None:
    answer = run_answer(shop_report(), Finished(exit_code=2, output="", timed_out=True), is_part=False)

    assert content(answer)["timed_out"]
    assert answer.text.splitlines()[0].endswith("; it was ended: its time was up")
