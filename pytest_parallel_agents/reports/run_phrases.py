"""What was done about conflicts, how groups were decided, and what became worse, in words."""

from __future__ import annotations

from typing import Final

from pytest_parallel_agents.convergence.regressions import regression_phrase
from pytest_parallel_agents.model import Action, Outcome
from pytest_parallel_agents.reports.phrases import seconds
from pytest_parallel_agents.reports.report import GroupEntry, RegressionEntry, Report

ACTIONS: Final = {Action.SERIALIZED: "kept apart", Action.REFUSED: "refused", Action.REPORTED: "not kept apart"}


def decision(group: GroupEntry, report: Report) -> str:
    """How a group was decided, and by which check if one did so early."""
    if group.passed:
        after = f" after {seconds(group.seconds)}" if group.seconds is not None else ""
        return f"met{f' by {group.decided_by}' if group.decided_by else ''}{after}"
    members = frozenset(group.members)
    passes = sum(check.nodeid in members and check.outcome.good for check in report.checks)
    needed = {"all": str(len(members)), "any": "1"}.get(group.wait, group.wait)
    return f"failed, {passes} passed, {needed} {'is' if needed == '1' else 'are'} needed"


def regression(entry: RegressionEntry) -> str:
    """What it was, and is."""
    if isinstance(entry.now, Outcome) or isinstance(entry.before, Outcome | None):
        return f"{entry.now}, and {entry.before or 'not there'} before"
    return regression_phrase(entry.measurement or "", entry.what, entry.before, entry.now, entry.tolerance or 0)
