from __future__ import annotations

from collections import Counter
from pathlib import Path

from msgspec.structs import replace

from pytest_parallel_agents.model.results import Evidence, Level, Outcome
from pytest_parallel_agents.reports.build import build
from pytest_parallel_agents.reports.causes import Located
from pytest_parallel_agents.reports.formats.github import MOST, step_summary, workflow_commands
from pytest_parallel_agents.reports.formats.suffixes import format_for
from tests.unit.reports.samples import FACTS, finding, plan, shop_report, shop_results


def test_failures_come_first_and_findings_gravest_first() -> None:
    assert workflow_commands(shop_report(), "") == [
        "::error file=src/shop/cart.py,line=42::test_total: ZeroDivisionError: division by zero",
        '::error file=src/shop/cart.py,line=41::mypy: "int" has no attribute "rate"; maybe "rates"? [attr-defined]',
        "::warning file=src/shop/io.py,line=1::mypy: `os` imported but unused [F401]",
        "::notice::mypy: configuration has unused section [stale]",
        "::notice file=src/shop/io.py::mypy: Use of assert detected [S101]",
    ]


def test_failures_may_be_left_to_another_plugin() -> None:
    commands = workflow_commands(shop_report(), "", failures=False)
    assert commands == workflow_commands(shop_report(), "")[1:]


def test_paths_are_those_of_the_repository() -> None:
    (first, *_) = workflow_commands(shop_report(), "/home/me")
    assert first.startswith("::error file=shop/src/shop/cart.py,")
    assert workflow_commands(shop_report(), "/elsewhere")[0].startswith("::error file=src/")


def test_what_would_end_a_command_is_escaped() -> None:
    review = shop_results()[0]
    evil = finding("a%b", Level.ERROR, "100%\n::error::forged\x1b", "src/a,b:c.py", 3)
    one = replace(review, evidence=replace(review.evidence, findings=(evil,)))
    assert workflow_commands(build(FACTS, plan([one]), [one], Located()), "") == [
        "::error file=src/a%2Cb%3Ac.py,line=3::mypy: 100%25 [a%25b]"
    ]


def test_there_are_ten_of_each_sort_at_most_and_none_of_what_passed() -> None:
    review, test, profile = shop_results()
    failing = [replace(test, check=replace(test.check, index=n, nodeid=f"t.py::t{n}")) for n in range(MOST + 2)]
    many = [replace(review, check=replace(review.check, index=99))]
    commands = workflow_commands(build(FACTS, plan(failing + many), failing + many, Located()), "")
    assert Counter(command.split()[0].split("::")[1] for command in commands) == {
        "error": MOST,
        "warning": 1,
        "notice": 2,
    }
    assert workflow_commands(build(FACTS, plan([profile]), [profile], Located()), "") == []


def test_a_check_without_a_traceback_is_named_by_its_file() -> None:
    _, test, _ = shop_results()
    crashed = replace(test, outcome=Outcome.CRASHED, message="", evidence=replace(test.evidence, frames=()))
    assert workflow_commands(build(FACTS, plan([crashed]), [crashed], Located()), "") == [
        "::error file=tests/test_cart.py::test_total: crashed"
    ]


def test_an_error_that_begins_with_the_name_of_its_check_names_it_once() -> None:
    review = shop_results()[0]
    broken = replace(review, outcome=Outcome.ERROR, message="mypy: no such path: sr", evidence=Evidence())
    assert workflow_commands(build(FACTS, plan([broken]), [broken], Located()), "") == [
        "::error file=pyproject.toml::mypy: no such path: sr"
    ]


def test_a_summary_has_no_more_than_there_is_room_for() -> None:
    whole = step_summary(shop_report(), 100_000)
    assert whole == format_for(Path("x.md")).render(shop_report())
    short = step_summary(shop_report(), len(whole) - 1).decode()
    assert "2 failed" in short
    assert "left out" in short
    assert step_summary(shop_report(), len(short) - 1) == b""
