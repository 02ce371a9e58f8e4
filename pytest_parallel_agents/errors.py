"""Errors for users. Their mistakes come with a remedy and never show a traceback; `plugin.py` alone turns them into
pytest's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

NUMBER_OF_WORKERS: Final = "give a number of workers, 0 or more, or auto"
"""The remedy for a wrong `-n`."""


class AgentsError(Exception):
    """A mistake that the user can mend.

    `hint` is the remedy. `str()` gives the mistake, then the hint on the same line.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message

    @property
    def lines(self) -> tuple[str, ...]:
        """One text per mistake."""
        return (str(self),)


class UsageFaults(AgentsError):
    """Every fault of one stage, reported at once: one line each, and once if many checks share it."""

    def __init__(self, faults: Iterable[AgentsError]) -> None:
        self.faults = tuple({str(fault): fault for fault in faults}.values())
        super().__init__("\n".join(str(fault) for fault in self.faults))

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(line for fault in self.faults for line in fault.lines)


class BrokenTool(AgentsError):
    """A tool could not do its work or its output is unreadable. An error of the check, not a failure of the code.

    `pause` is how many seconds its service asks for before the next attempt; None if it does not.
    """

    def __init__(self, message: str, *, hint: str = "", pause: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.pause = pause


class LeakWarning(UserWarning):
    """A check has left something behind: a child process, a thread, a listening socket."""


class CheckFailed(AgentsError):
    """The judged code is at fault: a check ends as failed with this text."""
