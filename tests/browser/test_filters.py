from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest

from tests.browser.opened import Open
from tests.browser.samples import report

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow

ALL = {"mypy", "test_total", "test_speed", "test_tax", "test_later"}


def listed(page: Page) -> set[str]:
    """The names of the checks in the list."""
    texts = page.locator("#checks .body [role=row] > :nth-child(2)").all_inner_texts()
    return {text.rpartition("::")[2] for text in texts}


def chosen(page: Page) -> dict[str, list[str]]:
    """What stands after # in the address as the page has it, which Playwright hears of later."""
    return parse_qs(str(page.evaluate("location.hash.slice(1)")))


def test_a_click_shows_only_these_a_second_leaves_them_out_a_third_shows_all(open_page: Open) -> None:
    page = open_page(report())
    button = page.get_by_role("button", name="kind test")
    assert listed(page) == ALL

    button.click()
    assert listed(page) == {"test_total", "test_tax", "test_later"}
    assert chosen(page) == {"kind": ["test"]}

    button.click()
    assert listed(page) == {"mypy", "test_speed"}
    assert chosen(page) == {"kind!": ["test"]}

    button.click()
    assert listed(page) == ALL
    assert chosen(page) == {}


def test_paths_and_words_narrow_and_leave_out(open_page: Open) -> None:
    page = open_page(report())
    paths, words = page.get_by_role("searchbox", name="path"), page.get_by_role("searchbox", name="text")

    paths.fill("tests/ -tests/test_tax.py")
    assert listed(page) == {"test_total", "test_speed"}
    paths.fill("src/*/io.py")
    assert listed(page) == {"mypy"}
    paths.fill("")
    words.fill('"division by" -tax')
    assert listed(page) == {"test_total"}
    assert chosen(page) == {"text": ['"division by" -tax']}


def test_what_is_chosen_stays_when_the_page_is_loaded_again(open_page: Open) -> None:
    page = open_page(report(), "#outcome=failed&outcome=skipped&kind!=review&path=tests&sort=-nodeid")
    assert listed(page) == {"test_total", "test_later"}
    page.get_by_role("searchbox", name="text").fill("total")

    page.reload()

    assert listed(page) == {"test_total"}
    assert page.get_by_role("searchbox", name="text").input_value() == "total"
    assert page.get_by_role("button", name="outcome failed").get_attribute("aria-pressed") == "true"
    assert page.get_by_role("button", name="kind review").get_attribute("aria-pressed") == "mixed"
    assert page.get_by_role("grid").get_by_role("columnheader", name="check").get_attribute("aria-sort") == "descending"

    page.get_by_role("button", name="Show all").click()
    assert listed(page) == ALL


def test_failures_and_findings_are_filtered_too(open_page: Open) -> None:
    page = open_page(report(), "#level=warning")
    findings = page.locator("#findings tbody tr:visible")

    assert [text.split()[0] for text in findings.all_inner_texts()] == ["warning"]
    assert page.locator(".failure:visible code").all_inner_texts() == ["pyproject.toml::mypy"]

    page.get_by_role("button", name="Show all").click()
    assert findings.count() == 4
    assert page.locator(".failure:visible").count() == 2


def test_a_changed_address_is_followed(open_page: Open) -> None:
    page = open_page(report(), "#kind=test")
    page.evaluate("location.hash = '#kind=review'")
    page.wait_for_function("document.querySelectorAll('#checks .body [role=row]').length === 1")
    assert listed(page) == {"mypy"}


def test_a_click_on_a_column_sorts(open_page: Open) -> None:
    page = open_page(report())
    page.get_by_role("button", name="took").click()
    page.get_by_role("button", name="took").click()
    times = page.locator("#checks .body [role=row] > :nth-child(6)").all_inner_texts()
    assert times == sorted(times, key=lambda text: -float(text.split()[0]))
