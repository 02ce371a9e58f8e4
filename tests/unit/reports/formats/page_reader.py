"""The HTML page, read as a browser without scripts reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

TAGS: Final = re.compile(
    "html|head|meta|link|title|style|body|a|header|h1|h2|h3|p|nav|main|section|div|span|code|pre|mark|ul|ol|li|table|"
    "caption|thead|tbody|tr|th|td|details|summary|button|dl|dt|dd|article|strong|svg|rect|figure|figcaption|noscript|"
    "dialog|script"
)
VOID: Final = frozenset({"meta", "link"})


class Page(HTMLParser):
    """`texts`: what is to be read. `data`: what the script works with. `links`: where it leads."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.data = ""
        self.links: list[str] = []
        self.scripts = 0
        self._open: list[str] = []
        self._is_data = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert TAGS.fullmatch(tag)
        assert not [name for name, _ in attrs if name.startswith("on") or name in {"style", "src", "srcdoc", "action"}]
        given = dict(attrs)
        self.links += [given["href"] or ""] if "href" in given else []
        self.scripts += tag == "script"
        self._is_data = given.get("id") == "data"
        self.texts += [value for value in given.values() if value]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "script":
            self.data += data if self._is_data else ""
        else:
            self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"the page has no comments, and this is one: {data}")


def read_page(content: bytes) -> Page:
    page = Page()
    page.feed(content.decode())
    page.close()
    assert page._open == []
    assert page.scripts == 2
    assert {link[:1] for link in page.links if not link.startswith("data:image/svg+xml,")} == {"#"}
    return page


def page_texts(content: bytes) -> Iterator[str]:
    """All texts and attributes, and the strings of the data."""
    page = read_page(content)
    yield from page.texts
    yield from _strings(json.loads(page.data))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _strings(list(value.values()))
    elif isinstance(value, list):
        for entry in value:
            yield from _strings(entry)
