"""The lines that a terminal shows below all others while checks run: what runs, and how far the run is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from _pytest._io.wcwidth import wcswidth

from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.printable import escape
from pytest_parallel_agents.reports.terminal.progress import LABEL_WIDTH, Running
from pytest_parallel_agents.reports.terminal.text import USUAL_WIDTH, Terminal
from pytest_parallel_agents.reports.terminal.time_left import TimeLeft

MOST_RUNNING: Final = 8
SHOWN_AFTER: Final = 0.5
"""Seconds. Names of shorter checks could not be read."""

_SCREEN_SHARE: Final = 3
_NARROW: Final = len("99 min")
_BAR: Final = 9
_SLOW: Final = 1.5
_MINUTES_FROM: Final = 100


class LiveArea:
    """Of a run of `total` checks. `estimates`: seconds by check, as earlier runs took."""

    def __init__(self, terminal: Terminal, estimates: Mapping[int, float], total: int) -> None:
        self._terminal = terminal
        self._estimates = estimates
        self._total = total
        self._time_left = TimeLeft(estimates, total)
        self._over = 0
        self._failed = 0

    def finished(self, check: int, outcome: Outcome, seconds: float) -> None:
        """A check is over."""
        self._over += 1
        self._failed += outcome.bad
        self._time_left.finished(check, seconds)

    def lines(self, now: float, running: Collection[Running], columns: int, rows: int) -> list[str]:
        """At most a third of a screen of that size. Times are seconds since the run's start."""
        most = min(MOST_RUNNING + 1, rows // _SCREEN_SHARE)
        if most < 1:
            return []
        width = columns - 1  # in the last column some terminals wrap
        longest = sorted(running, key=lambda each: (each.started, each.worker))
        shown = [each for each in longest if each.elapsed(now) >= SHOWN_AFTER][: most - 1]
        return [*(self._running(each, now, width) for each in shown), self._progress(now, running, width)]

    def _running(self, running: Running, now: float, width: int) -> str:
        """In the columns of the lines of finished checks, with the usual seconds where those have the seconds."""
        nodeid, elapsed = escape(running.check.nodeid), _rough(running.elapsed(now))
        if width < USUAL_WIDTH - 1:
            head = f"[{elapsed:>{_NARROW}}] "
            return f"{head}{shortened(nodeid, width - len(head))}"[:width]
        estimate = self._estimates.get(running.check.index)
        usual = "" if estimate is None or estimate < 1 else f"~{_rough(estimate)}"
        where = f" [{usual:>{_BAR}}] {running.worker:4} {escape(running.check.kind):7} "
        label = f"{elapsed:>{LABEL_WIDTH}}"
        name = shortened(nodeid, width - len(label) - len(where))
        return f"{self._terminal.markup(label, yellow=self._is_slow(running, now))}{where}{name}"

    def _is_slow(self, running: Running, now: float) -> bool:
        estimate = self._estimates.get(running.check.index)
        return estimate is not None and running.elapsed(now) > max(1.0, _SLOW * estimate)

    def _progress(self, now: float, running: Collection[Running], width: int) -> str:
        share = self._over / max(1, self._total)
        bar = "#" * int(share * _BAR)
        head = f"{f'{share:.0%}':>{LABEL_WIDTH}} [{bar:-<{_BAR}}] "
        count = f"{self._over:,}/{self._total:,} checks{f', {self._failed:,} failed' if self._failed else ''}"
        seconds = self._time_left.seconds(now, running)
        left = "" if seconds is None else f", about {_rough(seconds)} left"
        whole = f"{count}, {len(running)} running{left}"
        fitting = (text for text in (head + whole, whole, count + left) if len(text) <= width)
        text = next(fitting, count[:width])
        return self._terminal.markup(text, red=bool(self._failed), green=not self._failed)


def shortened(text: str, width: int) -> str:
    """The text in at most `width` columns. Its end, which names a test, stays."""
    if wcswidth(text) <= width:
        return text
    start = max(0, len(text) - max(0, width - 3))
    while wcswidth(text[start:]) > max(0, width - 3):
        start += 1
    return f"...{text[start:]}"[: max(0, width)]


def _rough(seconds: float) -> str:
    """`12 s`, `3 min`: what is redrawn each second is read at a glance."""
    return f"{seconds:.0f} s" if seconds < _MINUTES_FROM else f"{seconds / 60:.0f} min"
