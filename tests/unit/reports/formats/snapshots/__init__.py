"""The shop's report in each format, as it stood when someone looked at it last."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from pytest_parallel_agents.reports.formats.suffixes import format_for
from tests.unit.reports.samples import shop_report

FOLDER: Final = Path(__file__).parent

_OF_THE_PAGE: Final = re.compile(r"(?<=<style>).*?(?=</style>)|(?<=<script>).*?(?=</script>)|sha256-[^']*", re.DOTALL)
"""Style and script, which tests look at in a browser."""


def snapshot(path: Path) -> str:
    """What is to stand at `path`."""
    text = format_for(path).render(shop_report()).decode()
    return _OF_THE_PAGE.sub("", text) if path.suffix == ".html" else text
