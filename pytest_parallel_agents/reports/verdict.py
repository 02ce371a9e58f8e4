"""How a run ended, in one line."""

from __future__ import annotations

from collections import Counter
from typing import Final

from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.reports.phrases import counted, seconds
from pytest_parallel_agents.reports.report import Report

_ENDS: Final = {0: "passed", 1: "failed", 2: "interrupted", 3: "internal error", 4: "usage error", 5: "nothing to run"}
_ORDER: Final = sorted(Outcome, key=lambda outcome: (not outcome.bad, outcome is Outcome.PASSED))


def end(report: Report) -> str:
    """`passed`, `failed`, `interrupted` and the like."""
    return _ENDS.get(report.run.exit_code, f"exit code {report.run.exit_code}")


def verdict(report: Report) -> str:
    """`failed: 2 failed, 1 timed out, 37 passed of 40 checks in 4.2 s`."""
    counts = Counter(check.outcome for check in report.checks)
    parts = [f"{counts[outcome]:,} {outcome.replace('_', ' ')}" for outcome in _ORDER if counts[outcome]]
    of_all = f"{', '.join(parts)} of " if parts else ""
    return f"{end(report)}: {of_all}{counted(len(report.checks), 'check')} in {seconds(report.run.seconds)}"
