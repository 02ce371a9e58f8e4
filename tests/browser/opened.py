"""A page in the browser, and what may not happen on it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pytest_parallel_agents.reports.formats.html import render
from pytest_parallel_agents.reports.report import Report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page


class Open(Protocol):
    """`chosen` is what stands after # in the address, `options` are those of a context of the browser."""

    def __call__(self, report: Report, chosen: str = "", **options: Any) -> Page: ...


def opened(
    browser: Browser, folder: Path, problems: list[str], report: Report, chosen: str = "", **options: Any
) -> Page:
    """Errors on the console, requests for anything but the page, dialogs and new windows are `problems`."""
    path = folder / "report.html"
    path.write_bytes(render(report))
    context = browser.new_context(viewport={"width": 1280, "height": 800}, **options)
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.on("console", lambda message: problems.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: problems.append(f"error: {error}"))
    page.on("dialog", partial(_dismiss, problems))
    page.on("popup", lambda popup: problems.append(f"window: {popup.url}"))
    page.on("request", lambda request: problems.extend(_foreign(request.url, path)))
    page.goto(path.as_uri() + chosen)
    return page


def _dismiss(problems: list[str], dialog: Dialog) -> None:
    problems.append(f"dialog: {dialog.message}")
    dialog.dismiss()


def _foreign(url: str, path: Path) -> list[str]:
    is_own = url.partition("#")[0] == path.as_uri() or url.startswith("data:image/svg+xml,")
    return [] if is_own else [f"request: {url}"]
