"""Live progress: a line per finished check, and the running checks when none finishes for a while."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pytest_parallel_agents.model.plan import Check
from pytest_parallel_agents.model.results import Outcome, Result
from pytest_parallel_agents.printable import escape
from pytest_parallel_agents.reports.terminal.text import NARROWEST, USUAL_WIDTH, Terminal, wrap, write_wrapped

MOST_RUNNING = 5

_LABELS = {
    Outcome.PASSED: "PASS",
    Outcome.FAILED: "FAIL",
    Outcome.ERROR: "ERROR",
    Outcome.SKIPPED: "SKIP",
    Outcome.XFAILED: "XFAIL",
    Outcome.XPASSED: "XPASS",
    Outcome.TIMED_OUT: "TIMEOUT",
    Outcome.CRASHED: "CRASH",
    Outcome.CANCELLED: "CANCEL",
}
LABEL_WIDTH = len("FLAKY 2/3")


class Running(NamedTuple):
    """A check under way. `started`: seconds since the run's start."""

    check: Check
    worker: str
    started: float

    def elapsed(self, now: float) -> float:
        """Seconds; 0 for an attempt that will begin after a pause."""
        return max(0.0, now - self.started)


class Progress:
    """Writes to pytest's terminal writer. It reads no clock: times are passed in, as seconds since the run's start."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def finished(self, result: Result, percentage: str = "") -> None:
        """Writes one line: outcome, seconds of the last attempt, worker, kind and id, and how far the run is.

        If the check passed at last, another line gives the reason of its first failure.
        """
        label, markup = _label(result)
        duration = f"{result.last.duration:8.3f}s" if result.last else " " * 9
        worker = result.last.worker if result.last else "-"
        self._line(label, markup, f"[{duration}] {worker:4}", result.check, percentage)
        if _is_flaky(result) and result.attempts[0].message:
            self._reason(result.attempts[0].message)
        self._terminal.flush()

    def slow(self, check: Check, worker: str, seconds: float, where: str = "") -> None:
        """Writes a line for a check that runs longer than most, and `where` it is, if that is known."""
        self._line("SLOW", {"yellow": True}, f"[>{seconds:7.3f}s] {worker:4}", check)
        write_wrapped(self._terminal, where, indent="  ")
        self._terminal.flush()

    def running(self, now: float, checks: Iterable[Running], done: str) -> None:
        """Writes which checks are running, longest first. `done` is how many are over."""
        longest = sorted(checks, key=lambda each: (each.started, each.worker))
        if not longest:
            self._terminal.line(f"  nothing is running after {now:.0f} s; {done}")
        parts = [f"{each.worker} {each.check.nodeid} ({each.elapsed(now):.1f} s)" for each in longest[:MOST_RUNNING]]
        if len(longest) > MOST_RUNNING:
            parts.append(f"and {len(longest) - MOST_RUNNING} more")
        if parts:
            write_wrapped(self._terminal, f"still running after {now:.0f} s: {', '.join(parts)}; {done}", indent="  ")
        self._terminal.flush()

    def _line(self, label: str, markup: Mapping[str, bool], where: str, check: Check, percentage: str = "") -> None:
        """In a narrow terminal the id has a line of its own, and may still not fit."""
        self._terminal.write(f"{label:>{LABEL_WIDTH}}", **markup)
        head, nodeid = f" {where} {escape(check.kind):7}", escape(check.nodeid)
        width = self._terminal.fullwidth
        if width < USUAL_WIDTH and LABEL_WIDTH + len(head) + 1 + len(nodeid) > width:
            self._terminal.line(head.rstrip())
            text, left = f"  {nodeid}", width
        else:
            text, left = f"{head} {nodeid}", width - LABEL_WIDTH
        self._terminal.line(f"{text} {percentage:>{max(0, left - len(text) - 2)}}" if percentage else text)

    def _reason(self, message: str) -> None:
        indented = f"{'':{LABEL_WIDTH}} first failed: "
        width = max(self._terminal.fullwidth, NARROWEST) - len(indented)
        self._terminal.line(indented + wrap(message, width, most_lines=1)[0])


def _is_flaky(result: Result) -> bool:
    return result.outcome is Outcome.PASSED and len(result.attempts) > 1


def _label(result: Result) -> tuple[str, dict[str, bool]]:
    if result.outcome.bad:
        return _LABELS[result.outcome], {"red": True, "bold": True}
    if result.outcome is not Outcome.PASSED:
        return _LABELS[result.outcome], {"yellow": True}
    if _is_flaky(result):
        most = max(result.check.retries + 1, len(result.attempts))  # a plugin may have tried again
        return f"FLAKY {len(result.attempts)}/{most}", {"yellow": True}
    return _LABELS[result.outcome], {"green": True}
