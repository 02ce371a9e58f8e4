"""Checks that could not be run for one and the same reason: the first one's report gives it, and how many others there
are.
"""

from __future__ import annotations

from typing import Any


class SameReasons:
    """Keeps the first report of each reason, which is all of a text after its first line."""

    def __init__(self) -> None:
        self._first: dict[str, tuple[Any, str]] = {}
        self._others: dict[str, int] = {}

    def note(self, report: Any) -> None:
        """Records the report of a check that could not be run, and sets its text."""
        text = str(report.longrepr)
        what, _, reason = text.partition("\n")
        if not reason:
            return
        first, whole = self._first.setdefault(reason, (report, text))
        if first is not report:
            self._others[reason] = others = self._others.get(reason, 0) + 1
            first.longrepr = f"{whole}\n({others} more for the same reason)"
            report.longrepr = f"{what} (for the same reason as {first.nodeid})"
