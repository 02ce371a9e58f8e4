"""Blocks of pages that are made from the code, so that they cannot be wrong.

A block stands between `<!-- made from the code: NAME -->` and `<!-- end -->`, so pages read well wherever Markdown is
shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from documentation import sources

_BLOCK: Final = re.compile(r"(<!-- made from the code: (\w+) -->\n).*?(<!-- end -->\n)", re.DOTALL)

BLOCKS: Final[Mapping[str, Callable[[], str]]] = {
    "options": sources.options,
    "mark": sources.mark,
    "hooks": sources.hooks,
    "report": sources.report,
}


def renewed(folder: Path) -> dict[Path, str]:
    """By page: its text with all blocks as the code is now. Raises KeyError for a block of an unknown name."""
    return {
        path: _BLOCK.sub(lambda match: f"{match[1]}\n{BLOCKS[match[2]]()}\n{match[3]}", text)
        for path in sorted(folder.rglob("*.md"))
        if _BLOCK.search(text := path.read_text("utf-8"))
    }
