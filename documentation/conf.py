"""Sphinx's configuration. The pages are plain Markdown that also reads well where no site is built."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

project = "pytest-parallel-agents"
extensions = ["myst_parser"]
root_doc = "README"
html_theme = "furo"
html_title = project
html_copy_source = False
smartquotes = False  # two hyphens begin an option
myst_heading_anchors = 4
myst_enable_extensions: list[str] = []
suppress_warnings = ["myst.header"]  # a page of examples may begin anywhere

_LINK: Final = re.compile(r"\]\(([\w./-]+)\.md(?:#[\w-]+)?\)")
_OUTSIDE: Final = re.compile(r"\[([^\]]*)\]\(((?:\.\./)+[^)#]*)(#[^)]*)?\)")


def setup(app: Any) -> None:
    """Lets the pages be what they are: a folder's README is its table of contents."""
    app.connect("source-read", _complete)


def _complete(app: Any, name: str, source: list[str]) -> None:
    folder = (Path(app.srcdir) / name).parent
    source[0] = _OUTSIDE.sub(lambda match: _inside(match, folder, Path(app.srcdir)), source[0])
    if name.rpartition("/")[2] == "README":
        pages = dict.fromkeys(page for page in _LINK.findall(source[0]) if (folder / f"{page}.md").is_file())
        own = [page for page in pages if not page.startswith("..")]
        source[0] += "\n".join(["", "```{toctree}", ":hidden:", "", *own, "```", ""])


def _inside(match: re.Match[str], folder: Path, root: Path) -> str:
    """The link; of one to a file of the repository that is no page, its text and the name of the file."""
    target = (folder / match[2]).resolve()
    if target.is_relative_to(root.resolve()):
        return match[0]
    return f"{match[1]} (`{target.relative_to(root.resolve().parent).as_posix()}`)"
