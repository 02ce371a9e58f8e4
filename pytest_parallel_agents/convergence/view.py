"""The fixture `convergence`, and what the hook of its name is given: what all checks say together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pytest_parallel_agents.causes import Cause, Ranking, Unexplained
from pytest_parallel_agents.measurements import Measurement
from pytest_parallel_agents.model.results import Finding, Level, Outcome, Result


class Convergence:
    """What all finished checks say together."""

    __slots__ = ("_ranking", "_results")

    def __init__(self, results: Iterable[Result], ranking: Ranking) -> None:
        self._results = tuple(results)
        self._ranking = ranking

    def causes(self, min_kinds: int = 1, *, min_confidence: int = 0) -> tuple[Cause, ...]:
        """The ranked causes, likeliest first, that at least `min_kinds` kinds of checks point to, and on which at least
        `min_confidence` kinds of evidence agree.
        """
        return tuple(
            cause
            for cause in self._ranking.causes
            if len(cause.kinds) >= min_kinds and cause.confidence >= min_confidence
        )

    def unexplained(self) -> tuple[Unexplained, ...]:
        """The failures for which no code of the project is under suspicion, and why."""
        return self._ranking.unexplained

    def outcomes(self) -> Mapping[str, Outcome]:
        """How each check ended, by node id."""
        return {result.check.nodeid: result.outcome for result in self._results}

    def measurements(self) -> Mapping[str, tuple[Measurement, ...]]:
        """What checks measured, by node id; checks that measured nothing are not there."""
        measured = ((result.check.nodeid, result.evidence.measurements) for result in self._results)
        return {nodeid: measurements for nodeid, measurements in measured if measurements}

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
