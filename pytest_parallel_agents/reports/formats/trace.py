"""`--agents-report x.trace.json`: Chrome's trace events, which https://ui.perfetto.dev opens.

The format: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU. Times are microseconds.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate, chain
from typing import Any, Final

import msgspec

from pytest_parallel_agents.reports.entries_of_checks import AttemptEntry, CheckEntry
from pytest_parallel_agents.reports.problems import name, text
from pytest_parallel_agents.reports.report import Report

Event = Mapping[str, Any]

_PROCESS: Final = {"pid": 1}
_CRITICAL: Final = {"cat": "schedule", "name": "critical path", "id": 1}
_SHORTEST_WAIT: Final = 0.001
"""Seconds. Shorter ones are no more than the way to the next check."""


def render(report: Report) -> bytes:
    """A process with a thread for each worker. Every event stands in a line of its own."""
    threads = {worker: number for number, worker in enumerate(_workers(report.checks), start=1)}
    events = chain(
        _names(threads),
        *(_attempts(check, threads) for check in report.checks),
        _waits(report.checks, threads),
        _running(report.checks),
        _lower_bound(report),
        _critical_path(report, threads),
    )
    lines = b",\n".join(map(msgspec.json.encode, events))
    return b'{"displayTimeUnit": "ms", "traceEvents": [\n' + lines + b"\n]}\n"


def _workers(checks: Iterable[CheckEntry]) -> list[str]:
    """In the order of their numbers."""
    workers = dict.fromkeys(attempt.worker for check in checks for attempt in check.attempts)
    return sorted(workers, key=lambda worker: [part.zfill(9) for part in re.split(r"(\d+)", name(worker))])


def _names(threads: Mapping[str, int]) -> Iterator[Event]:
    yield {"ph": "M", "name": "process_name", **_PROCESS, "args": {"name": "pytest --agents"}}
    for worker, thread in threads.items():
        yield {"ph": "M", "name": "thread_name", **_PROCESS, "tid": thread, "args": {"name": name(worker)}}
        yield {"ph": "M", "name": "thread_sort_index", **_PROCESS, "tid": thread, "args": {"sort_index": thread}}


def _attempts(check: CheckEntry, threads: Mapping[str, int]) -> Iterator[Event]:
    for number, attempt in enumerate(check.attempts, start=1):
        about = {"nodeid": text(check.nodeid), "kind": name(check.kind), "outcome": attempt.outcome.value}
        if len(check.attempts) > 1:
            about["attempt"] = f"{number} of {len(check.attempts)}"
        if check.group is not None:
            about["group"] = name(check.group)
        if said := text(attempt.message or (check.message if attempt is check.attempts[-1] else "")):
            about["message"] = said
        yield _slice(attempt, threads) | {"name": name(check.name), "cat": name(check.kind), "args": about}


def _slice(attempt: AttemptEntry, threads: Mapping[str, int]) -> dict[str, Any]:
    return _span(attempt.start, attempt.stop) | {"tid": threads[attempt.worker]}


def _span(start: float, stop: float) -> dict[str, Any]:
    begin = _microseconds(start)
    return {"ph": "X", **_PROCESS, "ts": begin, "dur": max(0, _microseconds(stop) - begin)}


def _waits(checks: Iterable[CheckEntry], threads: Mapping[str, int]) -> Iterator[Event]:
    """Where a worker waited between two checks, for a lock, another check or its next command."""
    last: dict[str, float] = {}
    attempts = [attempt for check in checks for attempt in check.attempts]
    for attempt in sorted(attempts, key=lambda each: (each.start, each.stop)):
        before = last.get(attempt.worker, attempt.start)
        if attempt.start - before >= _SHORTEST_WAIT:
            wait = _span(before, attempt.start) | {"tid": threads[attempt.worker]}
            yield wait | {"name": "waits", "cat": "wait", "args": {}}
        last[attempt.worker] = max(before, attempt.stop)


def _running(checks: Iterable[CheckEntry]) -> Iterator[Event]:
    """How many checks ran at once, whenever that changed."""
    changes: Counter[int] = Counter()
    for attempt in chain.from_iterable(check.attempts for check in checks):
        changes[_microseconds(attempt.start)] += 1
        changes[_microseconds(attempt.stop)] -= 1
    moments = sorted(changes)
    for moment, running in zip(moments, accumulate(changes[each] for each in moments), strict=True):
        yield {"ph": "C", "name": "running checks", **_PROCESS, "ts": moment, "args": {"checks": running}}


def _lower_bound(report: Report) -> Iterator[Event]:
    """Marks when the run would have ended at the earliest."""
    starts = [attempt.start for check in report.checks for attempt in check.attempts]
    if starts:
        end = _microseconds(min(starts) + report.timing.lower_bound)
        yield {"ph": "i", "s": "g", "name": "lower bound", "cat": "schedule", **_PROCESS, "tid": 1, "ts": end}


def _critical_path(report: Report, threads: Mapping[str, int]) -> Iterator[Event]:
    """Arrows from each check of the longest chain to the next."""
    ran = {check.nodeid: check.attempts[-1] for check in report.checks if check.attempts}
    path = [ran[nodeid] for nodeid in report.timing.critical_path if nodeid in ran]
    for number, attempt in enumerate(path if len(path) > 1 else ()):
        sort = "s" if number == 0 else "f" if attempt is path[-1] else "t"
        yield {
            "ph": sort,
            "bp": "e",
            **_CRITICAL,
            **_PROCESS,
            "tid": threads[attempt.worker],
            "ts": _microseconds(attempt.start),
        }


def _microseconds(seconds: float) -> int:
    return round(seconds * 1_000_000)
