"""Words for people about how checks ended."""

from __future__ import annotations

from typing import Final

from pytest_parallel_agents.model.results import Outcome

_LONGEST: Final = 200
_VERBS: Final = {Outcome.TIMED_OUT: "hung", Outcome.CRASHED: "crashed"}


def verb(outcome: Outcome) -> str:
    return _VERBS.get(outcome, "failed")


def headline(text: str) -> str:
    """The first line that is not empty, shortened."""
    line = next((stripped for line in text.splitlines() if (stripped := line.strip())), "")
    return line if len(line) <= _LONGEST else line[: _LONGEST - 3] + "..."
