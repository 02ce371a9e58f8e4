"""What the documentation quotes is what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
QUOTED = re.compile(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", re.DOTALL)
PAGES = [path for path in sorted((ROOT / "docs").rglob("*.md")) if QUOTED.search(path.read_text("utf-8"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_quoted_files_are_those_of_the_repository(page: Path) -> None:
    for name, text in QUOTED.findall(page.read_text("utf-8")):
        assert text == (ROOT / name).read_text("utf-8"), name


def test_something_is_quoted() -> None:
    assert PAGES
