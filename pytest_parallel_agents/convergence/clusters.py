"""Which failures may have one fault in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_parallel_agents.convergence.code import PROJECT, Code
from pytest_parallel_agents.convergence.evidence import CheckEvidence, RunEvidence
from pytest_parallel_agents.convergence.fault import Fault
from pytest_parallel_agents.convergence.kinds.coverage import ochiai

Cluster = tuple[CheckEvidence, ...]
_Key = tuple[str, str, str, str]


def clusters(failing: Sequence[CheckEvidence], run: RunEvidence, code: Code) -> list[Cluster]:
    """Failures with the same exception and innermost function of the project, split where their spectra differ.

    The largest first.
    """
    alike: dict[_Key, list[CheckEvidence]] = {}
    for check in sorted(failing, key=lambda each: each.nodeid):
        alike.setdefault(_key(check, code), []).append(check)
    split = [cluster for checks in alike.values() for cluster in _split(checks, run, code)]
    return sorted(split, key=lambda cluster: (-len(cluster), cluster[0].nodeid))


def _key(check: CheckEvidence, code: Code) -> _Key:
    path, function = "", ""
    for at, line in _innermost_first(check):
        if code.role(at) == PROJECT:
            found = code.function(at, line)
            path, function = found.path, found.function
            break
    return check.outcome, check.exception, path, function


def _innermost_first(check: CheckEvidence) -> Iterator[tuple[str, int]]:
    sampled = [(-times, path, line) for path, lines in check.samples.items() for line, times in lines.items()]
    yield from ((path, line) for _, path, line in sorted(sampled))
    yield from ((frame.path, frame.line) for frame in reversed(check.frames))


def _split(checks: Sequence[CheckEvidence], run: RunEvidence, code: Code) -> Iterator[Cluster]:
    """One cluster for each statement that, best of all, explains checks which no earlier one explains.

    Those that were not measured go with the first.
    """
    passing = [check for check in run.checks if check.outcome.good and check.spectrum is not None]
    unmeasured = tuple(check for check in checks if check.spectrum is None)
    left = [check for check in checks if check.spectrum is not None]
    while left:
        explained = _best_explained(Fault(left, passing, run, code, PROJECT)) or left
        yield (*explained, *unmeasured)
        unmeasured = ()
        left = [check for check in left if check not in explained]
    if unmeasured:
        yield unmeasured


def _best_explained(fault: Fault) -> list[CheckEvidence]:
    """The failing checks that execute the most suspicious statement; of equal ones the first that most execute."""
    ranked = ((-ochiai(times, fault.measured), -times.failing, place) for place, times in fault.executions.items())
    best = min(ranked, default=None)
    if best is None:
        return []
    _, _, (path, line) = best
    return [check for check in fault.failing if line in (check.spectrum or {}).get(path, ())]
