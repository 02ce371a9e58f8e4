"""What the page's script works with: all checks, as compact JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from pytest_parallel_agents.excerpts import cut
from pytest_parallel_agents.model.results import Level, Outcome
from pytest_parallel_agents.printable import escape_lines
from pytest_parallel_agents.reports.alone import alone_lines, passes_alone
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry, FailureEntry
from pytest_parallel_agents.reports.failures import command, finding_line, headline
from pytest_parallel_agents.reports.formats.html.markup import short
from pytest_parallel_agents.reports.measurement_phrases import measurement_phrase
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.reports.usage import of_check

MOST_BYTES_OF_ROWS: Final = 5_000_000
MOST_BYTES_OF_DETAILS: Final = 2_000_000

_MOST_ENTRIES: Final = 50
_LONGEST: Final = 10_000
_UNSAFE: Final = {b"<": rb"\u003c", b">": rb"\u003e", b"&": rb"\u0026"}
_DIGITS: Final = re.compile(r"(\d+)")


class Run(msgspec.Struct, array_like=True):
    """One attempt: the worker's index, seconds since the run's start, the outcome's index."""

    worker: int
    start: float
    stop: float
    outcome: int


class Row(msgspec.Struct, array_like=True):
    """One check. `levels` are those of its findings; other fields but times and texts are indices."""

    nodeid: str
    kind: int
    outcome: int
    levels: list[int]
    duration: float
    group: str
    message: str
    runs: list[Run]


class Details(msgspec.Struct, omit_defaults=True):
    """What a check shows when it is opened."""

    command: str = ""
    notes: list[str] = []
    findings: list[tuple[str, str]] = []
    measurements: list[str] = []
    attempts: list[str] = []
    output: list[tuple[str, str]] = []


class Page(msgspec.Struct):
    """Names stand once, and rows have their indices. `left_out` checks are in no row, `bare` ones have no details."""

    kinds: list[str]
    outcomes: list[str]
    bad: list[str]
    levels: list[str]
    workers: list[str]
    critical_path: list[int]
    lower_bound: float
    rows: list[msgspec.Raw]
    details: dict[str, msgspec.Raw]
    left_out: int
    bare: int


def page_data(report: Report, checks: Sequence[CheckEntry]) -> bytes:
    """JSON that may stand in an element `script`. `checks`: all, those first that are kept if there is no room."""
    kinds = sorted({_line(check.kind) for check in checks})
    workers = sorted({_line(attempt.worker) for check in checks for attempt in check.attempts}, key=_natural)
    rows = list(_bounded(_rows(checks, kinds, workers), MOST_BYTES_OF_ROWS))
    kept = checks[: len(rows)]
    details, bare = _details(kept)
    critical = frozenset(report.timing.critical_path)
    page = Page(
        kinds=kinds,
        outcomes=[str(outcome) for outcome in Outcome],
        bad=[str(outcome) for outcome in Outcome if outcome.bad],
        levels=[str(level) for level in Level],
        workers=workers,
        critical_path=[index for index, check in enumerate(kept) if check.nodeid in critical],
        lower_bound=report.timing.lower_bound,
        rows=rows,
        details=details,
        left_out=len(checks) - len(kept),
        bare=bare,
    )
    return _encoded(page)


def _rows(checks: Iterable[CheckEntry], kinds: Sequence[str], workers: Sequence[str]) -> Iterator[bytes]:
    kind_indices = {kind: index for index, kind in enumerate(kinds)}
    worker_indices = {worker: index for index, worker in enumerate(workers)}
    outcomes = {outcome: index for index, outcome in enumerate(Outcome)}
    for check in checks:
        row = Row(
            nodeid=_line(check.nodeid),
            kind=kind_indices[_line(check.kind)],
            outcome=outcomes[check.outcome],
            levels=sorted({each.level.severity for each in check.findings}),
            duration=_rounded(check.duration),
            group=_line(check.group or ""),
            message=headline(check) if check.message else "",
            runs=[
                Run(
                    worker_indices[_line(each.worker)],
                    _rounded(each.start),
                    _rounded(each.stop),
                    outcomes[each.outcome],
                )
                for each in check.attempts
            ],
        )
        yield _encoded(row)


def _details(checks: Sequence[CheckEntry]) -> tuple[dict[str, msgspec.Raw], int]:
    """The details by the index of their check, as many as there is room for, and how many there is no room for."""
    full = [index for index, check in enumerate(checks) if _has_details(check)]
    kept = _bounded((_encoded(_details_of(checks[index])) for index in full), MOST_BYTES_OF_DETAILS)
    by_index = dict(zip(map(str, full), kept, strict=False))
    return by_index, len(full) - len(by_index)


def _has_details(check: CheckEntry) -> bool:
    listed = check.findings or check.measurements or check.notes or check.usage or len(check.attempts) > 1
    return bool(listed or "\n" in check.message or isinstance(check.failure, FailureEntry) or command(check))


def _details_of(check: CheckEntry) -> Details:
    failure = check.failure if isinstance(check.failure, FailureEntry) else None
    output = [("Traceback", failure.text), *((part.name, part.text) for part in failure.sections)] if failure else []
    if not failure and "\n" in check.message:
        output = [("Message", check.message)]
    alone = alone_lines(str(check.worker), "") if passes_alone(check.alone) else ()
    return Details(
        command=_line(command(check)),
        notes=_lines([*alone, *filter(None, [of_check(check)]), *check.notes], "note"),
        findings=[(_line(each.path or ""), finding_line(each)) for each in check.findings[:_MOST_ENTRIES]],
        measurements=_lines([measurement_phrase(each) for each in check.measurements], "measurement"),
        attempts=_lines(_attempts(check), "attempt"),
        output=[(_line(name), escape_lines(cut(text, _LONGEST))) for name, text in output],
    )


def _attempts(check: CheckEntry) -> list[str]:
    """Nothing of a check that was tried once."""
    tries = check.attempts if len(check.attempts) > 1 else ()
    return [f"{each.outcome} on {each.worker}: {each.message}" for each in tries]


def _lines(values: Sequence[str], noun: str) -> list[str]:
    left_out = len(values) - _MOST_ENTRIES
    more = [f"{left_out:,} more {noun}{'s' if left_out > 1 else ''}"] if left_out > 0 else []
    return [*map(_line, values[:_MOST_ENTRIES]), *more]


def _line(value: str) -> str:
    return escape_lines(short(value))


def _rounded(seconds: float) -> float:
    return round(seconds, 4)


def _encoded(value: object) -> bytes:
    """Without a character that could end the element it stands in."""
    content = msgspec.json.encode(value)
    for unsafe, escaped in _UNSAFE.items():
        content = content.replace(unsafe, escaped)
    return content


def _bounded(values: Iterable[bytes], left: int) -> Iterator[msgspec.Raw]:
    for value in values:
        left -= len(value)
        if left < 0:
            return
        yield msgspec.Raw(value)


def _natural(name: str) -> list[tuple[int, str]]:
    """gw2 before gw10."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in _DIGITS.split(name)]
