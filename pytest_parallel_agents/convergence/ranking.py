"""Where to look first: the likeliest functions and statements of each fault behind the failures of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_parallel_agents.causes import Cause, Ranking, Unexplained
from pytest_parallel_agents.convergence.causes import of_failures, of_findings
from pytest_parallel_agents.convergence.clues import locate
from pytest_parallel_agents.convergence.code import PROJECT, Code
from pytest_parallel_agents.convergence.evidence import CheckEvidence, RunEvidence
from pytest_parallel_agents.convergence.explanations import Explanation, explanations
from pytest_parallel_agents.convergence.fault import Fault, Scene
from pytest_parallel_agents.convergence.kinds import KINDS
from pytest_parallel_agents.convergence.kinds.kind import EvidenceKind


def rank(run: RunEvidence, kinds: Sequence[EvidenceKind] = KINDS) -> tuple[Cause, ...]:
    """The causes that the evidence of a run points at, likeliest first.

    Failures are clustered by the fault that they may have in common, and each cluster is ranked on its own; the first
    causes are the first ones of all clusters. Then come places where tools find fault and nothing failed.
    """
    return explain(run, kinds).causes


def explain(run: RunEvidence, kinds: Sequence[EvidenceKind] = KINDS) -> Ranking:
    """The causes, and the failures that none of them explains."""
    code = Code(run.outlines, run.test_paths, run.test_roots)
    found = explanations([check for check in run.checks if _is_failure(check)], Scene(run, code), kinds)
    suspicious = _suspicious(found)
    clues = list(locate(run, code))
    causes = of_failures(suspicious, clues, {check.nodeid: check.kind for check in run.checks})
    causes += of_findings(clues, causes)
    return Ranking(causes=tuple(causes), unexplained=tuple(_unexplained(found, suspicious, run)))


def _is_failure(check: CheckEvidence) -> bool:
    """Whether it ended badly for another reason than what it found."""
    tells_more = check.frames or check.spectrum or check.samples or any(each.hot_spots for each in check.measurements)
    return check.outcome.bad and not check.judges and bool(tells_more or not check.findings)


def _suspicious(found: Sequence[Explanation]) -> list[Explanation]:
    """Those that make causes: tests and their helpers only if nothing of the project is under suspicion."""
    explained = [each for each in found if each.groups]
    role = min([each.role for each in explained], default=PROJECT)
    return [each for each in explained if each.role == role or each.is_of_broken_files]


def _unexplained(
    found: Sequence[Explanation], suspicious: Sequence[Explanation], run: RunEvidence
) -> Iterator[Unexplained]:
    """Failures for which nothing in the project's code is under suspicion."""
    for explanation in found:
        fault = explanation.fault
        known = explanation.role == PROJECT or fault.measured or explanation.is_of_broken_files
        if explanation not in suspicious or not known:
            yield Unexplained(checks=tuple(check.nodeid for check in fault.failing), why=_why(fault, run))


def _why(fault: Fault, run: RunEvidence) -> str:
    if fault.measured:
        return "no code of the project ran in it"
    reason = run.missing or run.unmeasured.get(fault.failing[0].nodeid, "")
    return "no code of the project is on its stack" + (
        f", and what it executed is not known: {reason}" if reason else ""
    )
