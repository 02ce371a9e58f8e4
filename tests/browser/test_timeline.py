from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.opened import Open
from tests.browser.samples import report

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.slow


def schedule(page: Page) -> Locator:
    canvas = page.get_by_role("application")
    canvas.scroll_into_view_if_needed()
    return canvas


def drawn(canvas: Locator) -> str:
    """The picture, once the frame that was asked for is drawn."""
    script = (
        "canvas => new Promise(done => requestAnimationFrame(() => setTimeout(() => done(canvas.toDataURL()), 50)))"
    )
    return str(canvas.evaluate(script))


def test_what_is_under_the_pointer_is_named_and_a_click_opens_it(open_page: Open) -> None:
    page = open_page(report())
    canvas = schedule(page)
    canvas.hover(position={"x": 300, "y": 30})
    tooltip = page.locator(".tooltip")
    assert (
        tooltip.inner_text() == "pyproject.toml::mypy: failed, review, 10.0 s from 0.000 s on gw0, on the critical path"
    )

    page.mouse.move(5, 5)
    assert not tooltip.is_visible()

    canvas.click(position={"x": 300, "y": 30})
    assert "pyproject.toml::mypy" in page.get_by_role("dialog").inner_text()


def test_it_zooms_by_buttons_keys_and_wheel_and_moves_by_dragging(open_page: Open) -> None:
    page = open_page(report())
    canvas = schedule(page)
    pictures = [drawn(canvas)]

    page.get_by_role("button", name="Zoom in").click()
    pictures.append(drawn(canvas))
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + 400, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 250, box["y"] + 30, steps=3)
    page.mouse.up()
    pictures.append(drawn(canvas))
    assert not page.get_by_role("dialog").is_visible()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    pictures.append(drawn(canvas))
    canvas.press("-")
    pictures.append(drawn(canvas))
    page.get_by_role("button", name="Show the whole run").click()
    page.mouse.move(5, 5)

    assert len(set(pictures)) == len(pictures)
    assert drawn(canvas) == pictures[0]


def test_arrows_walk_through_it_and_say_where_they_are(open_page: Open) -> None:
    page = open_page(report())
    canvas = schedule(page)
    spoken = page.locator("#timeline [role=status]")

    canvas.press("ArrowRight")
    assert spoken.inner_text().startswith("pyproject.toml::mypy: failed, review")
    canvas.press("ArrowDown")
    assert "on gw1" in spoken.inner_text()
    canvas.press("Enter")
    assert page.get_by_role("dialog").is_visible()


def test_checks_that_are_filtered_out_are_pale(open_page: Open) -> None:
    page = open_page(report())
    canvas = schedule(page)
    everything = drawn(canvas)
    page.get_by_role("button", name="kind review").click()
    assert drawn(canvas) != everything


def test_what_each_worker_did_is_there_in_words(open_page: Open) -> None:
    page = open_page(report())
    page.get_by_text("What each worker did").click()
    rows = page.locator("#timeline tbody tr").all_inner_texts()
    assert [row.split("\t")[:2] for row in rows] == [["gw0", "1"], ["gw1", "3"], ["gw2", "1"]]
