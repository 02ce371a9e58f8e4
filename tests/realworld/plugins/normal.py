"""What two runs say, without what no two runs share: times, folders, addresses, the order in which tests ended."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.junit import without_volatile

_TITLE = re.compile(r"={2,} ?([^=].*?) ?={2,}")
_SUBTITLE = re.compile(r"-+ (?!Captured )(\S.*?) -+")
_COUNTS = re.compile(r"(?:no tests ran|\d+ [a-z]+(?:, \d+ [a-z]+)*) in <duration>(?: \(.+\))?")
_OF_A_WORKER = re.compile(r"\[gw\d+\] \w+ -- Python \S+ \S+?(?:\n+ *|(?=\")|\Z|$)", re.MULTILINE)
_NAMES_OF_A_WORKER = frozenset({"item_index", "node", "testrun_uid", "worker_id"})
_OURS = ("parallel agents", "passes alone")
_NEXT_FAILURE = re.compile(r"_{3,} .+ _{3,}")
_SESSION = "test session starts"
_LETTERS = r"[.FEsxXRpf,u-]+ *(\[ *\d+%\])?"
_PROGRESS = re.compile(
    "|".join(
        (
            _LETTERS,
            rf"\S+\.py {_LETTERS}",
            r"\S+::.+ [A-Z]+(?: \(.*\))? +\[ *\d+%\]",
            r" *[A-Z]+ \[ *<duration>\] .*",
            r" +\[ *\d+%\]",
            r"  still running after .*",
            r"agents: no commands are configured; .*",
            r"agents: looking for causes: .*",
            r"\[gw\d+\] \[ *\d+%\] [A-Z]+ \S+::.*",
            r"\S+\.py::\S+ *",
        )
    )
)
_VOLATILE = (
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<uuid>"),
    (re.compile(r"\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?:Z|[+-]\d{2}:?\d{2})?"), "<moment>"),
    (re.compile(r"\b\d{2}-[A-Z][a-z]{2}-\d{4}(?: at)? \d{2}:\d{2}:\d{2}"), "<moment>"),
    (re.compile(r"\b1\d{9,12}\b"), "<timestamp>"),
    (re.compile(r"\b\d{2}:\d{2}:\d{2}\b"), "<moment>"),
    (re.compile(r"\b\d+\.\d+s\b|\b\d+ ms\b|\b\d+\.\d{4,}(?:e-\d+)?\b"), "<duration>"),
)


def without_colours(output: str) -> str:
    """What a terminal was told, without its control sequences."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output).replace("\r\n", "\n")


def text(said: str, folder: Path, volatile: Sequence[str] = ()) -> str:
    """The text with placeholders, where `folder` is that of the run."""
    said = said.replace(str(folder), "<folder>").replace(str(folder.parent), "<home>")
    for pattern in volatile:
        said = re.sub(pattern, "<volatile>", said)
    for known, placeholder in _VOLATILE:
        said = known.sub(placeholder, said)
    return without_volatile(said)


def content(said: str, plain: Callable[[str], str]) -> str:
    """What a file holds, whatever the order of its parts. `plain` puts placeholders into text."""
    try:
        parts = [json.dumps(_unordered(json.loads(document)), indent=1) for document in _documents(said)]
    except ValueError:
        parts = [line.rstrip() for line in said.splitlines()]
    return "\n".join(sorted(map(plain, parts)))


def sections(output: str, shown: str | None = None) -> Mapping[str, Sequence[str]]:
    """The lines of the terminal by the title they stand under, whatever their order; without progress.

    With `shown`, those which that expression matches, under one title.
    """
    if shown is not None:
        return {"terminal": sorted(found[0].rstrip() for found in re.finditer(shown, output, re.MULTILINE))}
    found: dict[str, list[str]] = {}
    title, outer = "before", "before"
    for line in output.splitlines():
        if title == _OURS[1] and _NEXT_FAILURE.fullmatch(line):
            title = outer
        if heading := _TITLE.fullmatch(line.strip()) or _SUBTITLE.fullmatch(line):
            outer = title if title not in _OURS else outer
            title = "counts" if _COUNTS.fullmatch(heading[1]) else heading[1]
            found.setdefault(title, []).extend([heading[1]] if title == "counts" else [])
        elif (
            line.strip() and not _OF_A_WORKER.fullmatch(line) and not (title == _SESSION and _PROGRESS.fullmatch(line))
        ):
            found.setdefault(title, []).append(line.rstrip())
    for ours in _OURS:
        found.pop(ours, None)
    return {title: sorted(lines) for title, lines in found.items()}


def _documents(said: str) -> Iterator[str]:
    """One JSON document, or one in each line."""
    try:
        json.loads(said)
    except ValueError:
        yield from said.splitlines()
    else:
        yield said


def _unordered(value: object) -> object:
    """With sorted lists, numbers that measure time as one, and without what tells the worker."""
    if isinstance(value, dict):
        return {key: _unordered(value[key]) for key in sorted(value.keys() - _NAMES_OF_A_WORKER)}
    if isinstance(value, list):
        return sorted((_unordered(entry) for entry in value), key=json.dumps)
    if isinstance(value, str):
        return _OF_A_WORKER.sub("", value)
    return 0.0 if isinstance(value, float) else value
