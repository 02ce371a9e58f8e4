"""Reports of earlier runs and the report of this one → first failing runs, flaky checks, slowest growers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from statistics import median
from typing import Final

import msgspec

from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.reports.entries_of_history import GrowthEntry, HistoryEntry, PastRunEntry, TrendEntry
from pytest_parallel_agents.reports.report import Report

MOST_FAILING: Final = 100
MOST_FLAKY: Final = 50
MOST_GROWN: Final = 20

_LAST_RUNS: Final = 3
_LEAST_GROWTH: Final = 1.2
"""Smaller changes are what a machine's other work makes of the same code."""
_LEAST_SECONDS: Final = 0.05
_SHOW_NOTHING: Final = (Outcome.SKIPPED, Outcome.CANCELLED)


class PastAttempt(msgspec.Struct, frozen=True, kw_only=True):
    outcome: Outcome


class PastCheck(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a check's entry that history needs."""

    nodeid: str
    outcome: Outcome
    duration: float
    attempts: tuple[PastAttempt, ...]

    @property
    def passed_at_last(self) -> bool:
        """Whether it passed after an attempt that did not."""
        return self.outcome.good and any(attempt.outcome.bad for attempt in self.attempts)


class PastFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The part of `run` that history needs."""

    started: str
    seconds: float
    exit_code: int
    commit: str | None = None
    uncommitted: str = ""

    @property
    def code(self) -> tuple[str, str] | None:
        """Equal for runs of the same code; None where that is not known."""
        return None if self.commit is None else (self.commit, self.uncommitted)


class PastRun(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a report that history needs. Other fields are skipped when one is read."""

    run: PastFacts
    checks: tuple[PastCheck, ...]


Course = Sequence[PastCheck | None]
"""One check in each run; None where it did not run."""


def with_history(report: Report, earlier: Sequence[PastRun]) -> Report:
    """The report with what `earlier`, oldest first, shows about its checks."""
    if not earlier:
        return report
    runs = [*earlier, msgspec.convert(report, PastRun, from_attributes=True)]
    return msgspec.structs.replace(report, history=history(runs))


def with_exit_code(report: Report, exit_code: int) -> Report:
    """The report of a run whose exit code has become this one."""
    report = msgspec.structs.replace(report, run=msgspec.structs.replace(report.run, exit_code=exit_code))
    if report.history is None:
        return report
    last = msgspec.structs.replace(report.history.runs[-1], exit_code=exit_code)
    return msgspec.structs.replace(
        report, history=msgspec.structs.replace(report.history, runs=(*report.history.runs[:-1], last))
    )


def history(runs: Sequence[PastRun]) -> HistoryEntry:
    """What these runs, oldest first, show about the checks of the last."""
    courses = _courses(runs)
    failing = [nodeid for nodeid, course in courses.items() if course[-1] is not None and course[-1].outcome.bad]
    flaky = {nodeid: why for nodeid, course in courses.items() if (why := _flakiness(course, runs))}
    grown = _most_grown(courses)
    shown = dict.fromkeys(chain(failing[:MOST_FAILING], list(flaky)[:MOST_FLAKY], grown))
    return HistoryEntry(
        runs=tuple(past_run_entry(run) for run in runs),
        checks=tuple(
            _trend(nodeid, courses[nodeid], flaky=flaky.get(nodeid, ""), growth=grown.get(nodeid)) for nodeid in shown
        ),
        left_out=len({*failing, *flaky} - shown.keys()),
    )


def trend_of(nodeid: str, runs: Sequence[PastRun]) -> TrendEntry:
    """What these runs show about one check."""
    course = [next((check for check in run.checks if check.nodeid == nodeid), None) for run in runs]
    return _trend(nodeid, course, flaky=_flakiness(course, runs), growth=_growth(course))


def _courses(runs: Sequence[PastRun]) -> dict[str, Course]:
    """The course of each check of the last run."""
    by_run = [{_as_kept(check.nodeid): check for check in run.checks} for run in runs]
    return {check.nodeid: [checks.get(_as_kept(check.nodeid)) for checks in by_run] for check in runs[-1].checks}


def _as_kept(nodeid: str) -> str:
    """The node id as a report in JSON has it, where what is not Unicode is escaped."""
    return nodeid if nodeid.isascii() else nodeid.encode("utf-8", "backslashreplace").decode()


def past_run_entry(run: PastRun) -> PastRunEntry:
    facts = msgspec.structs.asdict(run.run)
    return PastRunEntry(**facts, outcomes=dict(Counter(check.outcome for check in run.checks)))


def _trend(nodeid: str, course: Course, *, flaky: str, growth: GrowthEntry | None) -> TrendEntry:
    since = _failing_since(course)
    return TrendEntry(
        nodeid=nodeid,
        outcomes=tuple(None if check is None else check.outcome for check in course),
        seconds=tuple(None if check is None else round(check.duration, 6) for check in course),
        failing_since=since,
        passed_before=None if since is None else _last_pass(course[:since]),
        flaky=flaky,
        growth=growth,
    )


def _failing_since(course: Course) -> int | None:
    """The first run of the failures in a row with which the course ends."""
    since = None
    for index, check in reversed(list(enumerate(course))):
        if check is None or check.outcome in _SHOW_NOTHING:
            continue
        if not check.outcome.bad:
            break
        since = index
    return since


def _last_pass(course: Course) -> int | None:
    return next((at for at in reversed(range(len(course))) if _passed(course[at])), None)


def _passed(check: PastCheck | None) -> bool:
    return check is not None and check.outcome.good


def _flakiness(course: Course, runs: Sequence[PastRun]) -> str:
    """Why a check counts as flaky: what it did while nothing of the code changed."""
    retried = sum(check is not None and check.passed_at_last for check in course)
    mixed = sum(bad > 0 and good > 0 for good, bad in _outcomes_by_code(course, runs))
    reasons = []
    if mixed:
        reasons.append(f"passed and failed on the same code ({_times(mixed, 'commit')})")
    if retried:
        reasons.append(f"passed only when tried again ({_times(retried, 'run')})")
    return "; ".join(reasons)


def _outcomes_by_code(course: Course, runs: Sequence[PastRun]) -> Iterator[tuple[int, int]]:
    """For each state of the code, how often the check passed and how often it failed."""
    counts: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for check, run in zip(course, runs, strict=True):
        if check is not None and run.run.code is not None:
            counts[run.run.code][0] += check.outcome.good
            counts[run.run.code][1] += check.outcome.bad
    return ((good, bad) for good, bad in counts.values())


def _times(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _most_grown(courses: Mapping[str, Course]) -> dict[str, GrowthEntry]:
    """Those that take more seconds than before, most first."""
    found = {nodeid: growth for nodeid, course in courses.items() if (growth := _growth(course))}
    ranked = sorted(found.items(), key=lambda each: each[1].before - each[1].now)
    return dict(ranked[:MOST_GROWN])


def _growth(course: Course) -> GrowthEntry | None:
    """None unless it passed last, and in enough runs for both medians to be more than one measurement."""
    seconds = [check.duration for check in course if check is not None and check.outcome.good]
    last = min(_LAST_RUNS, len(seconds) // 2)
    if last < 2 or not _passed(course[-1]):  # noqa: PLR2004 - see above
        return None
    before, now = median(seconds[:-last]), median(seconds[-last:])
    if now < before * _LEAST_GROWTH or now - before < _LEAST_SECONDS:
        return None
    return GrowthEntry(before=round(before, 6), now=round(now, 6))
