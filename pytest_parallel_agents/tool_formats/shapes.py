"""A finding as commands write it in our own formats, and the deviations that are accepted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from pytest_parallel_agents.early_bound import json
from pytest_parallel_agents.model.results import Finding, Level
from pytest_parallel_agents.tool_formats.decoding import shaped
from pytest_parallel_agents.tool_formats.locating import Locator
from pytest_parallel_agents.tool_formats.output import Unreadable


class FindingShape(msgspec.Struct):
    """One finding as commands write it. Only the message is needed; other keys are ignored."""

    message: Annotated[str, Meta(description="What is wrong and what to do about it.")]
    rule: Annotated[
        str | None, Meta(description="A short name for what it breaks; if empty, the name of the check or its panel.")
    ] = None
    level: Annotated[Level | None, Meta(description="How grave it is; if null, an error.")] = None
    path: Annotated[str | None, Meta(description="The file, absolute or relative to the root.")] = None
    line: Annotated[int | None, Meta(description="Counted from 1; below that it is no line.")] = None
    end_line: Annotated[int | None, Meta(description="The last line, if there are several.")] = None

    def finding(self, locator: Locator) -> Finding:
        return locator.finding(
            rule=self.rule or "",
            level=self.level or Level.ERROR,
            message=self.message,
            paths=(self.path or "",),
            line=self.line,
            end_line=self.end_line,
        )


def finding_shape(value: object, where: str) -> FindingShape:
    """A finding as a person would read it: levels in any case, lines as `"12"`, `1.0` or `"1-3"`.

    Raises Unreadable, which begins with `where`, for what is no finding, for a level or a line that cannot be
    understood, and for a key in the place of one of ours: its value would be ignored.
    """
    if not isinstance(value, dict):
        raise Unreadable(f"its output cannot be read: {where} is {_shown(value)}, not an object with a message")
    fields = {key: given for key, given in value.items() if given is not None}
    for problem in _problems(fields):
        raise Unreadable(f"its output cannot be read: {where}{problem}")
    return shaped({**fields, **_levelled(fields), **_lined(fields)}, FindingShape)


_MEANT: Final[Mapping[str, str]] = {
    **dict.fromkeys(("severity", "priority", "gravity"), "level"),
    **dict.fromkeys(("file", "filename", "filepath", "location"), "path"),
    **dict.fromkeys(("linenumber", "lineno", "startline", "linestart"), "line"),
    **dict.fromkeys(("endlinenumber", "endlineno", "lineend"), "end_line"),
    **dict.fromkeys(("ruleid", "rulename", "checkid", "checkname"), "rule"),
    **dict.fromkeys(("description", "msg", "text", "comment", "body"), "message"),
    **{name.replace("_", ""): name for name in FindingShape.__struct_fields__},
}
"""Our key for other spellings, written in one word and in lower case."""

_TEXTS: Final = ("message", "rule", "path")
_LINES: Final = re.compile(r"[Ll]?\s*(?P<first>\d{1,18})(?:\s*[-\N{EN DASH}]\s*[Ll]?\s*(?P<last>\d{1,18}))?")


def _problems(fields: Mapping[str, object]) -> Iterator[str]:
    """The faults of the fields, worded to follow the finding's name."""
    for key in fields:
        meant = _MEANT.get(re.sub(r"[\W_]", "", key).lower())
        if meant is not None and meant not in fields:
            yield f' has the key "{key}", which means nothing here: write "{meant}"'
    if "message" not in fields:
        yield " has no message"
    for key in _TEXTS:
        if not isinstance(fields.get(key, ""), str):
            yield f".{key} is {_shown(fields[key])}, not a text"
    level = fields.get("level", Level.ERROR)
    if not isinstance(level, str) or level.strip().lower() not in list(Level):
        yield f".level is {_shown(level)}, not one of {', '.join(Level)}"
    for key in ("line", "end_line"):
        if key in fields and _span(fields[key]) is None:
            yield f".{key} is {_shown(fields[key])}, not a line"


def _levelled(fields: Mapping[str, object]) -> dict[str, object]:
    level = fields.get("level")
    return {"level": level.strip().lower()} if isinstance(level, str) else {}


def _lined(fields: Mapping[str, object]) -> dict[str, object]:
    first, last = _span(fields.get("line", "")) or (None, None)
    end, end_of_span = _span(fields.get("end_line", "")) or (None, None)
    return {"line": first, "end_line": end_of_span or end or last}


def _span(value: object) -> tuple[int | None, int | None] | None:
    """The first and the last line that a value names; None for what names none. An empty text is no line."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return (int(value), None) if value.is_integer() else None
    if isinstance(value, int):
        return value, None
    if not isinstance(value, str):
        return None
    match = _LINES.fullmatch(value.strip())
    if match is None:
        return None if value.strip() else (None, None)
    return int(match["first"]), int(match["last"]) if match["last"] else None


def _shown(value: object) -> str:
    """The beginning of the value as JSON."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}..."  # noqa: PLR2004 - as much as fits a line
