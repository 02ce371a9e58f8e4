from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256

import pytest
from msgspec.structs import replace

from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.reports.entries_of_checks import FailureEntry
from pytest_parallel_agents.reports.formats.html import render
from pytest_parallel_agents.reports.report import Report
from tests.unit.reports.formats.hostile_reports import hostile_report
from tests.unit.reports.formats.page_reader import page_texts, read_page
from tests.unit.reports.samples import shop_report


def words(report: Report) -> str:
    return " ".join("".join(read_page(render(report)).texts).split())


def failing(number: int, text: str) -> Report:
    """So many failures, each with this traceback."""
    shop = shop_report()
    one = replace(shop.checks[1], failure=FailureEntry(text=text, sections=()))
    return replace(shop, checks=tuple(replace(one, nodeid=f"t.py::test_{index}") for index in range(number)))


def test_the_policy_names_the_style_and_the_script_of_the_page() -> None:
    page = render(shop_report()).decode()
    for name in ("style", "script"):
        (content,) = re.findall(f"<{name}>(.*?)</{name}>", page, re.DOTALL)
        digest = b64encode(sha256(content.encode()).digest()).decode()
        assert f"{name}-src &#x27;sha256-{digest}&#x27;" in page or f"{name}-src 'sha256-{digest}'" in page
    assert "default-src 'none'" in page


def test_of_each_cluster_the_likeliest_cause_is_open() -> None:
    shop = shop_report()
    first, *_ = shop.causes
    second = replace(first, function="other", line=50)
    page = render(replace(shop, causes=(first, second, replace(second, function="third", cluster=7)))).decode()
    assert re.findall(r'data-cause="src/shop/cart.py::(\w+)"( open)?', page) == [
        ("total", " open"),
        ("other", ""),
        ("third", " open"),
    ]


def test_equal_clues_are_shown_once() -> None:
    shop = shop_report()
    first = shop.causes[0]
    page = words(replace(shop, causes=(replace(first, evidence=first.evidence[:1] * 3),)))
    assert "test_total failed here: ZeroDivisionError: division by zero \N{MULTIPLICATION SIGN}3" in page


def test_failures_beyond_the_first_are_folded_and_then_left_to_the_list() -> None:
    page = words(failing(130, "E   boom"))
    assert "Failures (130)" in page
    assert "80 more failures" in page
    assert "30 more failures left out here: they stand in the list of all checks" in page


@pytest.mark.parametrize("text", ["<" * 8_000, "\x1b" * 8_000, "\N{CJK UNIFIED IDEOGRAPH-4E00}" * 8_000])
def test_a_page_has_at_most_ten_megabytes(text: str) -> None:
    assert len(render(failing(1_000, text))) < 10_000_000


@pytest.mark.slow
def test_a_page_of_long_entries_leaves_out_what_has_no_room() -> None:
    long = hostile_report([f"{number} " + "\x1b" * 5_000 for number in range(200)], outcome=Outcome.FAILED)
    content = render(long)
    assert len(content) < 10_000_000
    assert "for want of room" in " ".join(page_texts(content))


def test_a_history_that_names_runs_that_are_not_there_is_shown_without_them() -> None:
    report = hostile_report(["text"])
    assert report.history
    trends = tuple(replace(each, failing_since=99, passed_before=-1) for each in report.history.checks)
    assert "fails since" not in words(replace(report, history=replace(report.history, checks=trends)))


def test_a_run_that_passed_has_no_causes_and_no_failures() -> None:
    shop = shop_report()
    passed = tuple(replace(check, outcome=Outcome.PASSED, findings=()) for check in shop.checks)
    page = words(replace(shop, checks=passed, causes=(), unexplained=()))
    assert "Look here first" not in page
    assert "Failures" not in page
