"""What a reader of each format sees. A format is only complete with an entry in `READERS`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple
from urllib.parse import unquote

import msgspec
from jsonschema import Draft7Validator
from markdown_it import MarkdownIt
from msgspec import Meta, Struct

from pytest_parallel_agents.printable import escape
from pytest_parallel_agents.reports.failures import failures
from pytest_parallel_agents.reports.report import Report
from tests.unit.reports.formats.page_reader import page_texts

_SPACE: Final = re.compile(r" |\\[nrt]|\\x(?:0[bc]|1[cdef]|85|a0)|\\u(?:2028|2029|3000)")


class Reader(NamedTuple):
    """`texts` reads a file as strictly as those for whom it is made, and raises if it is not valid. `kept` yields what
    must be found in these texts. A file has at most `most` bytes, whatever is in the report; None if it is bounded by
    nothing but the report.
    """

    texts: Callable[[bytes], Iterator[str]]
    kept: Callable[[Report], Iterator[str]]
    most: int | None


def canonical(text: str) -> str:
    """Equal for texts that differ only in white space, and in how what acts on logs is shown."""
    shown = escape(text).replace(r"\x3a:", "::").replace(r"\x23#", "##")
    return _SPACE.sub("", shown)


def json_texts(content: bytes) -> Iterator[str]:
    """All strings in a file of JSON, keys too."""
    return strings_of(json.loads(content, parse_constant=_refuse))


def strings_of(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for key, entry in value.items():
                yield from (str(key), *strings_of(entry))
        case list():
            for entry in value:
                yield from strings_of(entry)


def everything(report: Report) -> Iterator[str]:
    """Of every check: all of its texts are the same in hostile reports."""
    return (check.nodeid for check in report.checks)


def markdown_texts(content: bytes) -> Iterator[str]:
    """All texts of CommonMark: none of it is a link, an image or HTML."""
    for token in MarkdownIt().parse(content.decode()):
        for each in (token, *(token.children or ())):
            assert each.type not in {"html_block", "html_inline", "link_open", "image"}
            yield each.content


def shown_failures(report: Report) -> Iterator[str]:
    """The failed checks that the shortest format names."""
    return (check.nodeid for check in failures(report)[:10])


def sarif_texts(content: bytes) -> Iterator[str]:
    """All strings of a log that the standard's schema allows, with paths as they were before they became URIs."""
    log = json.loads(content)
    _SARIF.validate(log)
    return (unquote(text) if "%" in text else text for text in strings_of(log))


class _Lines(Struct, forbid_unknown_fields=True):
    begin: Annotated[int, Meta(ge=1)]
    end: Annotated[int, Meta(ge=1)] | None = None


class _Location(Struct, forbid_unknown_fields=True):
    path: Annotated[str, Meta(min_length=1)]
    lines: _Lines


class _Violation(Struct, forbid_unknown_fields=True):
    """One entry of GitLab's Code Quality, as its documentation lists the fields."""

    description: Annotated[str, Meta(min_length=1)]
    check_name: Annotated[str, Meta(min_length=1)]
    fingerprint: Annotated[str, Meta(pattern="^[0-9a-f]{40}$")]
    severity: Literal["info", "minor", "major", "critical", "blocker"]
    location: _Location


def gitlab_texts(content: bytes) -> Iterator[str]:
    violations = msgspec.json.decode(content, type=list[_Violation])
    assert len({each.fingerprint for each in violations}) == len(violations)
    return strings_of(json.loads(content))


class _Event(Struct, forbid_unknown_fields=True, tag_field="ph"):
    """An event of a trace, as Chrome's trace event format lists the fields of each phase."""

    name: str
    pid: int


class _Named(_Event, tag="M"):
    args: dict[str, str | int]
    tid: int = 0


class _Timed(_Event):
    ts: Annotated[int, Meta(ge=0)]


class _Complete(_Timed, tag="X"):
    cat: str
    tid: int
    dur: Annotated[int, Meta(ge=0)]
    args: dict[str, str]


class _Count(_Timed, tag="C"):
    args: dict[str, Annotated[int, Meta(ge=0)]]


class _Mark(_Timed, tag="i"):
    cat: str
    tid: int
    s: Literal["g", "p", "t"]


class _Flow(_Timed):
    cat: str
    tid: int
    id: int
    bp: Literal["e"]


class _FlowStart(_Flow, tag="s"): ...


class _FlowStep(_Flow, tag="t"): ...


class _FlowEnd(_Flow, tag="f"): ...


class _Trace(Struct, forbid_unknown_fields=True, rename="camel"):
    display_time_unit: Literal["ms", "ns"]
    trace_events: list[_Named | _Complete | _Count | _Mark | _FlowStart | _FlowStep | _FlowEnd]


def trace_texts(content: bytes) -> Iterator[str]:
    msgspec.json.decode(content, type=_Trace)
    return strings_of(json.loads(content))


def attempted(report: Report) -> Iterator[str]:
    return (check.nodeid for check in report.checks if check.attempts)


def listed_problems(report: Report) -> Iterator[str]:
    """Failed checks, and findings."""
    return (check.nodeid for check in report.checks if check.outcome.bad or check.findings)


def _schema(name: str) -> Draft7Validator:
    return Draft7Validator(json.loads((Path(__file__).parent / "schemas" / name).read_bytes()))


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON")


_SARIF: Final = _schema("sarif-2.1.0.json")

READERS: Final[Mapping[str, Reader]] = {
    ".html": Reader(page_texts, everything, 10_000_000),
    ".json": Reader(json_texts, everything, None),
    ".trace.json": Reader(trace_texts, attempted, 8_000_000),
    ".codequality.json": Reader(gitlab_texts, listed_problems, 8_000_000),
    ".sarif": Reader(sarif_texts, listed_problems, 8_000_000),
    ".md": Reader(markdown_texts, shown_failures, 100_000),
}
