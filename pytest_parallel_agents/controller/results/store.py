"""All that is known of every check: its outcome and evidence. Only `outcome_writer` writes to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from pytest_parallel_agents.agents.evidence import NOTHING
from pytest_parallel_agents.model.plan import Check
from pytest_parallel_agents.model.results import Alone, Attempt, Evidence, Failure, Outcome, Result, Usage
from pytest_parallel_agents.reports.usage import total


class AttemptReports(msgspec.Struct):
    """The content of one attempt's reports. Times are those of the reports: seconds since the epoch."""

    outcome: Outcome | None = None
    message: str = ""
    start: float | None = None
    stop: float = 0.0
    again: bool = False
    usage: Usage | None = None


class Entry(msgspec.Struct):
    outcome: Outcome | None = None
    message: str = ""
    failure: Failure | None = None
    evidence: Evidence = NOTHING
    alone: Alone | None = None
    attempts: tuple[Attempt, ...] = ()
    tries: list[AttemptReports] = msgspec.field(default_factory=list)


class ResultStore:
    """One entry per check, by its index."""

    def __init__(self, checks: Iterable[Check]) -> None:
        self._checks = {check.index: check for check in checks}
        self._entries = {index: Entry() for index in self._checks}

    def entry(self, index: int) -> Entry:
        """The entry of a check. Only `outcome_writer` may change it."""
        return self._entries[index]

    @property
    def total(self) -> int:
        """How many checks there are."""
        return len(self._checks)

    def nodeids(self) -> Iterator[tuple[int, str]]:
        """Each check's index and node id."""
        return ((check.index, check.nodeid) for check in self._checks.values())

    def check(self, index: int) -> Check:
        return self._checks[index]

    def name(self, index: int) -> str:
        """The node id of a check, or a text for an unknown one, as a worker may make up."""
        return self._checks[index].nodeid if index in self._checks else f"check {index}, which does not exist"

    def result(self, index: int) -> Result:
        """The result so far; a check that never ran counts as cancelled."""
        entry = self._entries[index]
        return Result(
            check=self._checks[index],
            outcome=entry.outcome or Outcome.CANCELLED,
            attempts=entry.attempts,
            message=entry.message or ("" if entry.outcome else "never started"),
            failure=entry.failure,
            evidence=entry.evidence,
            alone=entry.alone,
            usage=total([one.usage for one in entry.tries if one.usage is not None]),
        )

    def cost(self, index: int) -> float | None:
        """The dollars that the check has spent; None if that is not known."""
        result = self.result(index)
        if result.usage is not None and result.usage.cost_usd is not None:
            return result.usage.cost_usd
        return 0.0 if result.outcome is Outcome.SKIPPED else None

    def outcome(self, index: int) -> Outcome:
        """The check's outcome; None if it has not ended."""
        return self._entries[index].outcome or Outcome.CANCELLED

    def unaccounted(self) -> list[str]:
        """The node ids of checks with neither an outcome nor a reason why there is none."""
        return [self._checks[index].nodeid for index, entry in self._entries.items() if entry.outcome is None]

    def results(self) -> tuple[Result, ...]:
        return tuple(map(self.result, self._entries))
