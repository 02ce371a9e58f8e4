"""HTML from values: whatever is not markup already is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape as escape_markup
from typing import Final

from pytest_parallel_agents.excerpts import cut
from pytest_parallel_agents.printable import escape_lines

LONGEST: Final = 500
"""Characters of a name or a message."""


class Markup(str):
    """Text that is HTML."""

    __slots__ = ()


def tag(name: str, /, *children: str | None, **attributes: str | float | bool | None) -> Markup:
    """An element. `class_` is the attribute class, `data_kind` is data-kind; None and False leave an attribute out."""
    given = "".join(_attribute(key, value) for key, value in attributes.items() if value not in (None, False))
    return Markup(f"<{name}{given}>{joined(children)}</{name}>")


def joined(children: Iterable[str | None]) -> Markup:
    """One after the other, what is no markup escaped."""
    return Markup("".join(child if isinstance(child, Markup) else text(child) for child in children if child))


def text(value: str) -> Markup:
    """Escaped. Control characters and direction marks are shown, not obeyed."""
    return Markup(escape_markup(escape_lines(value)))


def short(value: str) -> str:
    """What fits a line or two; how much was cut is said."""
    return cut(value, LONGEST)


def _attribute(key: str, value: object) -> str:
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{text(str(value))}"'
