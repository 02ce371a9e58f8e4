from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.browser import executable, started
from tests.browser.opened import Open, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_IN_CI = "CI" in os.environ


@pytest.fixture(scope="package")  # its event loop would be in the way of other tests
def browser() -> Iterator[Browser]:
    if executable() is None:
        reason = "there is no Chromium here: install Debian's package chromium"
        pytest.fail(reason) if _IN_CI else pytest.skip(reason)
    with started() as browser:
        yield browser


@pytest.fixture
def problems() -> list[str]:
    """What was wrong on a page."""
    return []


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path, problems: list[str]) -> Iterator[Open]:
    """Opens the page of a report; in the end nothing may have been wrong on any."""
    yield partial(opened, browser, tmp_path, problems)
    for context in browser.contexts:
        context.close()
    assert problems == []
