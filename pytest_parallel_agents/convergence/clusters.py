"""Which failures may have one fault in common.

A second fault is only supposed where it explains the spectra so much better that it is worth naming. How well a
statement explains failures is the likelihood of what the checks that execute it have done, if it makes each of them
fail with the same chance; naming another statement costs the logarithm of how many there are, and so does saying which
failures are whose (minimum description length: Rissanen, "Modeling by shortest data description", Automatica 14(5),
1978).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pytest_parallel_agents.convergence.code import PROJECT, Code
from pytest_parallel_agents.convergence.evidence import CheckEvidence
from pytest_parallel_agents.convergence.fault import Executions, Fault, Place, Scene
from pytest_parallel_agents.convergence.kinds.coverage import ochiai

Family = tuple[CheckEvidence, ...]


class _Key(NamedTuple):
    """How a check ended, and the innermost function of the project; empty if there is none."""

    outcome: str
    exception: str
    path: str = ""
    function: str = ""


def families(failing: Sequence[CheckEvidence], scene: Scene) -> list[Family]:
    """Failures that may be of one fault by their spectra, or that end alike if not measured; largest family first.

    To end alike is to have the same outcome, exception and innermost function of the project.
    """
    ordered = sorted(failing, key=lambda each: each.nodeid)
    measured = [check for check in ordered if check.spectrum is not None]
    found = [list(family) for family in _apart(measured, scene)]
    for check in ordered:
        if check.spectrum is None:
            _join(check, found, scene.code)
    ordered_families = [tuple(sorted(family, key=lambda each: each.nodeid)) for family in found]
    return sorted(ordered_families, key=lambda family: (-len(family), family[0].nodeid))


def _join(check: CheckEvidence, found: list[list[CheckEvidence]], code: Code) -> None:
    """Put what was not measured to most of those that ended like it; where it names no function, to any of them."""
    key = _key(check, code)
    alike = [(sum(_ended_alike(key, _key(each, code)) for each in family), family) for family in found]
    most, family = max(alike, key=lambda each: each[0], default=(0, []))
    if most:
        family.append(check)
    else:
        found.append([check])


def _ended_alike(key: _Key, other: _Key) -> bool:
    return key == other or (not key.path and key[:2] == other[:2])


def _key(check: CheckEvidence, code: Code) -> _Key:
    for path, line in _innermost_first(check):
        if code.role(path) == PROJECT:
            return _Key(check.outcome, check.exception, path, code.function(path, line).function)
    return _Key(check.outcome, check.exception)


def _innermost_first(check: CheckEvidence) -> Iterator[tuple[str, int]]:
    sampled = [(-times, path, line) for path, lines in check.samples.items() for line, times in lines.items()]
    yield from ((path, line) for _, path, line in sorted(sampled))
    yield from ((frame.path, frame.line) for frame in reversed(check.frames))


def _apart(failing: Sequence[CheckEvidence], scene: Scene) -> Iterator[Sequence[CheckEvidence]]:
    """Split off what the most suspicious statement explains, as long as that is worth it."""
    left = list(failing)
    while left:
        whole = scene.fault(left, PROJECT)
        explained = _best_explained(whole)
        rest = [check for check in left if check not in explained]
        if not explained or not rest:
            break
        if not _is_worth_it(whole, [scene.fault(part, PROJECT) for part in (explained, rest)]):
            break
        yield explained
        left = rest
    if left:
        yield left


def _is_worth_it(whole: Fault, parts: Sequence[Fault]) -> bool:
    number = len(whole.failing)
    naming = math.log(len(whole.executions))
    telling = -sum(len(part.failing) * math.log(len(part.failing) / number) for part in parts)
    cost = _cost(whole)
    return math.isinf(cost) or cost > sum(map(_cost, parts)) + naming + telling


def _cost(fault: Fault) -> float:
    """That of the statement that explains all failures best, in nats; infinite if none is executed by all.

    Where nothing of the project is executed at all no statement has to be named.
    """
    if not fault.executions:
        return 0.0
    number = len(fault.failing)
    return min((_nats(times) for times in fault.executions.values() if times.failing == number), default=math.inf)


def _nats(times: Executions) -> float:
    executed = times.failing + times.passing
    return -sum(each * math.log(each / executed) for each in (times.failing, times.passing) if each)


def _best_explained(fault: Fault) -> list[CheckEvidence]:
    """The failing checks that execute the most suspicious statement; of equal ones the first that most execute."""
    ranked = ((-ochiai(times, fault.measured), -times.failing, place) for place, times in fault.executions.items())
    best: tuple[float, int, Place] | None = min(ranked, default=None)
    if best is None:
        return []
    _, _, (path, line) = best
    return [check for check in fault.failing if line in (check.spectrum or {}).get(path, ())]
