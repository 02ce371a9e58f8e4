"""Valid attributes of a report, as pytest's own plugins need them.

A plugin may have put anything into them. Valid values stay as they are; others are replaced by the nearest valid ones.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import pytest
from _pytest._code.code import TerminalRepr
from _pytest._io import TerminalWriter

from pytest_parallel_agents.early_bound import builtins, io
from pytest_parallel_agents.excerpts import shortened
from pytest_parallel_agents.wire.guarded import guarded, safe_str

__builtins__ = builtins

STANDARD: Final = (
    *("location", "keywords", "outcome", "longrepr", "when", "sections", "user_properties"),
    *("duration", "start", "stop"),
)
"""Attributes of every report beside its node id."""

PHASES: Final = frozenset({"setup", "call", "teardown"})


class Drawn(TerminalRepr):
    """An explanation that was an object with a form of its own, as it looked `plain` and `coloured`. pytest's summary
    quotes texts, and no such object.
    """

    def __init__(self, plain: str, coloured: str) -> None:
        self._plain = plain
        self._coloured = coloured

    def toterminal(self, tw: TerminalWriter) -> None:
        tw.write(self._coloured if tw.hasmarkup else self._plain)


def drawings(report: pytest.TestReport) -> list[str]:
    """How a terminal shows an explanation that is no text, plain and coloured; nothing for a text."""
    return [] if isinstance(report.longrepr, str) else [_draw(report, coloured=coloured) for coloured in (False, True)]


def _draw(report: pytest.TestReport, *, coloured: bool) -> str:
    file = io.StringIO()
    writer = TerminalWriter(file)
    writer.hasmarkup = coloured
    report.toterminal(writer)
    return file.getvalue()


def seconds(value: object) -> float:
    """A time of a report; 0 for what a plugin has made of it that is none, or is endless."""
    try:
        number = float(value) if isinstance(value, int | float) else 0.0
    except OverflowError:
        return 0.0
    return number if math.isfinite(number) else 0.0


def identity(owner: Any) -> Any:
    """The key under which pytest stores data of an item or its reports: until 9.1 their node id."""
    return getattr(owner, "id", owner.nodeid)


def attributes_of(report: Any) -> dict[str, Any]:
    """All that a report that pytest cannot serialize holds, its explanation as a text. Raises nothing."""
    data: dict[str, Any] = guarded(lambda: dict(vars(report)), lambda _: {})
    data.pop("_id", None)
    data |= {name: guarded(partial(getattr, report, name), lambda _: None) for name in ("nodeid", *STANDARD)}
    longrepr = data["longrepr"]
    if longrepr is not None and type(longrepr) not in (str, tuple):
        data["longrepr"] = guarded(lambda: str(report.longreprtext), lambda _: safe_str(longrepr))
    return data


def normalize(data: dict[str, Any], item: pytest.Item) -> list[str]:
    """Replaces invalid ones among the serialized attributes of a report of `item`. Returns their names."""
    changed = []
    for name, is_valid, replace in _RULES:
        value = data.get(name)
        if not guarded(partial(is_valid, value), lambda _: False):
            fallback = partial(replace, None, item)
            data[name] = guarded(partial(replace, value, item), lambda _, fallback=fallback: fallback())  # type: ignore[misc]
            changed.append(name)
    if data["outcome"] == "skipped" and "wasxfail" not in data and not _is_skip(data["longrepr"]):
        data["longrepr"] = (*_place(item), safe_str(data["longrepr"]))
        changed.append("longrepr")
    if data["outcome"] == "failed" and data["longrepr"] is None:
        data["longrepr"] = "it failed, and its report gives no reason"
        changed.append("longrepr")
    return changed


def report_from(data: Mapping[str, Any]) -> pytest.TestReport:
    """A report with these normalized attributes, of pytest's own class."""
    return pytest.TestReport(**{name: value for name, value in data.items() if not name.startswith(("$", "_"))})


def _is_skip(longrepr: object) -> bool:
    return type(longrepr) is tuple and len(longrepr) == 3 and isinstance(longrepr[2], str)  # noqa: PLR2004 - path, line, reason


def _place(item: pytest.Item) -> tuple[str, int]:
    path, line, _ = item.location
    return path, (line or 0) + 1


def _is_text(value: object) -> bool:
    return type(value) is str


def _is_number(value: object) -> bool:
    return type(value) is float or (type(value) is int and abs(value) <= sys.float_info.max)


def _are_pairs(values: Any) -> bool:
    return type(values) is list and all(type(each) in (tuple, list) and len(each) == 2 for each in values)  # noqa: PLR2004


def _are_sections(values: Any) -> bool:
    return _are_pairs(values) and all(type(name) is str and type(text) is str for name, text in values)


def _is_location(value: Any) -> bool:
    kinds = tuple(map(type, value)) if type(value) in (tuple, list) else ()
    return kinds in {(str, int, str), (str, type(None), str)}


def _are_keywords(value: Any) -> bool:
    return type(value) is dict and all(type(key) is str for key in value)


def _word(value: object, _item: pytest.Item) -> str:
    return str.__str__(value) if isinstance(value, str) else safe_str(value)


def _pairs(values: Any, _item: pytest.Item) -> list[Any]:
    if isinstance(values, dict):
        return list(values.items())
    return [tuple(each) for each in values or () if len(tuple(each)) == 2]  # noqa: PLR2004 - a name and a value


def _sections(values: Any, _item: pytest.Item) -> list[tuple[str, str]]:
    return [(safe_str(name), safe_str(text)) for name, text in _pairs(values, _item)]


_Rule = tuple[str, Callable[[Any], bool], Callable[[Any, pytest.Item], object]]
_RULES: Final[tuple[_Rule, ...]] = (
    ("nodeid", _is_text, lambda _, item: item.nodeid),
    ("location", _is_location, lambda _, item: item.location),
    ("keywords", _are_keywords, lambda _, item: dict.fromkeys(map(safe_str, item.keywords), 1)),
    ("outcome", _is_text, _word),
    ("when", lambda value: value is None or _is_text(value), _word),
    ("wasxfail", lambda value: value is None or _is_text(value), _word),
    ("sections", _are_sections, _sections),
    ("user_properties", _are_pairs, _pairs),
    *((name, _is_number, lambda _value, _item: 0.0) for name in ("duration", "start", "stop")),
)


def shorten_sections(report: pytest.TestReport) -> None:
    """Cuts other texts that a report quotes: logs, and output that plugins have captured. A value that is no text stays
    as it is.
    """
    if type(report.sections) is list and all(map(_is_section, report.sections)):
        report.sections = [(name, shortened(content)) for name, content in report.sections]


def _is_section(section: object) -> bool:
    return type(section) is tuple and tuple(map(type, section)) == (str, str)
