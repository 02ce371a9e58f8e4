from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from benchmarks.browser import many_checks
from pytest_parallel_agents.reports.formats.html import render
from tests.browser.opened import Open
from tests.browser.samples import report
from tests.unit.reports.formats.hostile import STRINGS
from tests.unit.reports.formats.hostile_reports import hostile_report

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow

MANY = 20_000


def brightness(page: Page, property_: str) -> int:
    """Of a colour of the page, 0 to 765."""
    colour = str(page.evaluate(f"getComputedStyle(document.body).{property_}"))
    return sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))


def test_the_verdict_the_causes_and_the_failures_need_no_script(open_page: Open) -> None:
    page = open_page(report(), java_script_enabled=False)
    text = page.locator("body").inner_text()
    assert "failed: 2 failed, 1 skipped, 2 passed of 5 checks in 15.5 s" in text
    assert "return sum(items) / rate" in text
    assert "tests/test_cart.py::test_total" in text
    assert "need JavaScript" in text
    assert page.locator("[data-cause] button:visible").count() == 0


@pytest.mark.parametrize("part", range(0, len(STRINGS), 40))
def test_nothing_that_a_check_wrote_is_executed(open_page: Open, part: int) -> None:
    texts = STRINGS[part : part + 40]
    page = open_page(hostile_report(texts))
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    rows = page.locator("#checks .body [role=row]")
    for index in range(0, rows.count(), 5):
        rows.nth(index).click()
        page.get_by_role("dialog").wait_for()
        page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="hidden")

    assert page.evaluate("document.scripts.length") == 2
    assert page.locator("img, iframe, object, embed, base, form, video, style:not(head style)").count() == 0
    assert page.evaluate("[...document.links].every((link) => link.getAttribute('href').startsWith('#'))")
    assert page.locator("[onload], [onerror], [onclick], [onmouseover], [style*=evil]").count() == 0


def test_a_script_that_got_in_would_not_run(open_page: Open, problems: list[str]) -> None:
    page = open_page(report())
    blocked = page.evaluate(
        """() => new Promise((done) => {
          addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
          document.body.append(Object.assign(document.createElement("script"), { textContent: "window.ran = true" }));
        })"""
    )
    assert blocked == "script-src-elem"
    assert page.evaluate("window.ran") is None
    assert [problem for problem in problems if "Content Security Policy" not in problem] == []
    problems.clear()


def test_of_many_checks_only_those_in_sight_are_elements(open_page: Open) -> None:
    many = many_checks(MANY)
    assert len(render(many)) < 10_000_000

    page = open_page(many)
    assert page.evaluate("document.querySelectorAll('*').length") < 5_000
    grid = page.get_by_role("grid", name="All checks")
    assert grid.get_attribute("aria-rowcount") == str(MANY + 1)
    grid.press("End")
    assert page.locator(f"#checks [aria-rowindex='{MANY + 1}']").is_visible()
    assert page.evaluate("document.querySelectorAll('*').length") < 5_000


def test_the_list_is_walked_through_by_keys(open_page: Open) -> None:
    page = open_page(report())
    grid = page.get_by_role("grid", name="All checks")
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "Enter"):
        grid.press(key)
    name = page.locator("#checks [aria-selected=true] > :nth-child(2)").inner_text()
    assert name in page.get_by_role("dialog").inner_text()
    page.keyboard.press("Escape")
    assert grid.evaluate("grid => grid === document.activeElement")


def test_every_control_is_reached_by_tab_and_has_a_name(open_page: Open) -> None:
    page = open_page(report())
    reached = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.textContent"))
    assert {"Skip to the report", "Look here first", "passed", "Copy as prompt", "Show all", "check"} <= reached
    nameless = "[...document.querySelectorAll('button, input, canvas, [role=grid]')].filter((each) => "
    names = "each.ariaLabel || each.textContent.trim() || each.labels?.[0]?.textContent"
    assert page.evaluate(f"{nameless}!({names})).length") == 0


@pytest.mark.parametrize(("scheme", "is_dark"), [("light", False), ("dark", True)])
def test_it_is_as_dark_as_the_system(open_page: Open, scheme: Literal["light", "dark"], is_dark: bool) -> None:  # noqa: FBT001
    page = open_page(report(), color_scheme=scheme)
    assert (brightness(page, "color") > brightness(page, "backgroundColor")) is is_dark


def test_on_paper_everything_is_unfolded_and_no_control_is_left(open_page: Open) -> None:
    page = open_page(report())
    assert not page.get_by_text("adding up").is_visible()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert not page.locator("#filters").is_visible()
    assert not page.get_by_role("button", name="Copy as prompt").first.is_visible()
    assert page.get_by_text("adding up").is_visible()

    assert page.pdf().startswith(b"%PDF")
    assert not page.get_by_text("adding up").is_visible()


def test_a_narrow_window_has_no_line_wider_than_itself(open_page: Open) -> None:
    page = open_page(report())
    page.set_viewport_size({"width": 400, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
