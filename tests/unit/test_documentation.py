"""The site can be built, and what its pages have from the code is what the code has."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from documentation.blocks import BLOCKS, renewed

DOCS = Path(__file__).parents[2] / "docs"
RECIPES = [
    (page.name, text)
    for page in sorted(DOCS.rglob("*.md"))
    for text in re.findall(r"```yaml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
]


def test_pages_have_what_the_code_has() -> None:
    pages = renewed(DOCS)

    stale = [path.name for path, text in pages.items() if path.read_text("utf-8") != text]
    assert not stale, "python -m documentation --write renews them"
    named = {name for text in pages.values() for name in re.findall(r"<!-- made from the code: (\w+) -->", text)}
    assert named == set(BLOCKS)


@pytest.mark.parametrize(("page", "text"), RECIPES, ids=[f"{page}-{at}" for at, (page, _) in enumerate(RECIPES)])
def test_recipes_are_yaml(page: str, text: str) -> None:
    assert yaml.safe_load(text), page


@pytest.mark.slow
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "documentation", str(tmp_path)]
    finished = subprocess.run(command, cwd=DOCS.parent, capture_output=True, text=True, check=False)

    assert finished.returncode == 0, finished.stderr

    assert (tmp_path / "index.html").read_text("utf-8").count("tutorial.html") >= 1
    assert (tmp_path / "reference" / "hooks.html").is_file()
