"""What was done about conflicts, how groups were decided, and what became worse, in words."""

from __future__ import annotations

from typing import Final

from pytest_parallel_agents.convergence.regressions import regression_phrase
from pytest_parallel_agents.model.plan import Action
from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.reports.failures import shortened
from pytest_parallel_agents.reports.phrases import counted, seconds
from pytest_parallel_agents.reports.report import AgreementEntry, GroupEntry, RegressionEntry, Report

ACTIONS: Final = {Action.SERIALIZED: "kept apart", Action.REFUSED: "refused", Action.REPORTED: "not kept apart"}


def decision(group: GroupEntry, report: Report) -> str:
    """How a group was decided, and by which check if one did so early."""
    if group.agree is not None:
        return _of_panel(group)
    if group.passed:
        after = f" after {seconds(group.seconds)}" if group.seconds is not None else ""
        return f"met{f' by {group.decided_by}' if group.decided_by else ''}{after}"
    members = frozenset(group.members)
    passes = sum(check.nodeid in members and check.outcome.good for check in report.checks)
    needed = {"all": str(len(members)), "any": "1"}.get(group.wait, group.wait)
    return f"failed, {passes} passed, {needed} {'is' if needed == '1' else 'are'} needed"


def heading(group: GroupEntry) -> str:
    """What it is, by its name and its strategy."""
    if group.agree is None:
        return f"group {group.name} (wait {group.wait})"
    return f"panel {group.name} ({group.agree} of {len(group.members)} must agree)"


def agreement(entry: AgreementEntry) -> str:
    """`src/a.py:2: error leak (2 votes): the file stays open`, in one escaped line."""
    where = f"{entry.path or '(no file)'}:{entry.line or '-'}"
    return shortened(f"{where}: {entry.level} {entry.rule} ({counted(entry.votes, 'vote')}): {entry.message}")


def _of_panel(group: GroupEntry) -> str:
    agreed = sum(each.counts for each in group.agreements)
    by = f", decided by {group.decided_by}" if group.decided_by else ""
    answered = f"{group.answers} of {len(group.members)} answered"
    if group.answers is None:  # a run in this process
        return "undecided: each member counts for itself"
    if group.passed is None:
        return f"undecided, {answered}: each counts for itself"
    if group.passed:
        return f"passed, {answered} and too few agree on anything that fails it{by}"
    return f"failed, {answered} and agree on {counted(agreed, 'finding')}{by}"


def regression(entry: RegressionEntry) -> str:
    """What it was, and is."""
    if isinstance(entry.now, Outcome) or isinstance(entry.before, Outcome | None):
        return f"{entry.now}, and {entry.before or 'not there'} before"
    return regression_phrase(entry.measurement or "", entry.what, entry.before, entry.now, entry.tolerance or 0)
