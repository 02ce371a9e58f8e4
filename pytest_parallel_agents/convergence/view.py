"""The `convergence` fixture: a closing check's view of all checks before it."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_parallel_agents.model import Cause, Finding, Level, Result


class Convergence:
    """The results and causes of all finished checks."""

    __slots__ = ("_causes", "_results")

    def __init__(self, results: Iterable[Result], causes: Iterable[Cause]) -> None:
        self._results = tuple(results)
        self._causes = tuple(causes)

    def causes(self, min_kinds: int = 1) -> tuple[Cause, ...]:
        """The ranked causes that at least `min_kinds` kinds of checks point at, likeliest first."""
        return tuple(cause for cause in self._causes if len(cause.kinds) >= min_kinds)

    def findings(self, level: Level | str | None = None) -> tuple[Finding, ...]:
        """The findings of all checks: all, or those of `level` (`note`, `warning`, `error`) and graver.

        Raises ValueError for an unknown level.
        """
        least = 0 if level is None else Level(level).severity
        return tuple(
            finding
            for result in self._results
            for finding in result.evidence.findings
            if finding.level.severity >= least
        )

    def failed(self) -> tuple[Result, ...]:
        """The results that make the run fail."""
        return tuple(result for result in self._results if result.outcome.bad)
