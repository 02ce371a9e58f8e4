from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.opened import Open
from tests.browser.samples import report

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow

CHECK = "#check=tests/test_cart.py::test_total"
CAUSE = "#cause=src/shop/cart.py::total"


def wait_for_hash(page: Page, text: str) -> None:
    """Return when the address ends with this: a dialog reports a moment later that it was closed."""
    page.wait_for_function("text => location.hash === text", arg=text)


def test_a_link_to_a_check_opens_it_and_escape_closes_it(open_page: Open) -> None:
    page = open_page(report(), f"{CHECK}&kind=test")
    dialog = page.get_by_role("dialog")
    assert "ZeroDivisionError: division by zero" in dialog.inner_text()
    assert "gw1, from 10.0 s, took 5.0 s" in dialog.inner_text()

    page.keyboard.press("Escape")

    dialog.wait_for(state="hidden")
    wait_for_hash(page, "#kind=test")


def test_a_link_to_a_cause_shows_it(open_page: Open) -> None:
    page = open_page(report(), CAUSE)
    cause = page.locator("[data-cause='src/shop/cart.py::total']")
    assert cause.evaluate("cause => cause.open && cause === document.activeElement.parentElement")
    assert "return sum(items) / rate" in cause.inner_text()


def test_links_between_parts_keep_the_filters(open_page: Open) -> None:
    page = open_page(report(), "#outcome=failed")
    page.get_by_text("may explain 1 failure").first.click()
    page.locator("#causes").get_by_role("link", name="tests/test_cart.py::test_total").first.click()

    page.get_by_role("dialog").wait_for()
    wait_for_hash(page, "#outcome=failed&check=tests%2Ftest_cart.py%3A%3Atest_total")
    page.get_by_role("button", name="Close").click()
    page.get_by_role("link", name="Schedule").click()
    wait_for_hash(page, "#outcome=failed")
    assert page.evaluate("document.activeElement.id") == "timeline"


def test_a_link_to_a_check_that_is_not_there_does_no_harm(open_page: Open) -> None:
    page = open_page(report(), "#check=tests/gone.py::test_gone&cause=gone&kind=gone&sort=gone")
    assert not page.get_by_role("dialog").is_visible()
    assert page.locator("#checks .body [role=row]").count() == 0


def test_a_cause_is_copied_as_a_prompt(open_page: Open) -> None:
    page = open_page(report(), permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy as prompt").first.click()
    page.get_by_role("button", name="Copied").wait_for()

    copied = page.evaluate("navigator.clipboard.readText()")

    assert "src/shop/cart.py" in copied
    assert "ZeroDivisionError: division by zero" in copied


def test_where_the_clipboard_is_closed_the_prompt_is_selected(open_page: Open) -> None:
    page = open_page(report())
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('closed')) }")
    page.get_by_role("button", name="Copy as prompt").first.click()
    page.get_by_role("button", name="Selected").wait_for()
    assert "src/shop/cart.py" in page.evaluate("String(getSelection())")
