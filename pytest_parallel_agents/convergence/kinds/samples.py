"""Where checks that hung or took too much spent their time.

The share of a function in the samples of the innermost frame of the project; of a check that failed by what it measured
the share in the self time of its profile. Profiles of checks that passed are no evidence of a fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pytest_parallel_agents.convergence.clues import shares
from pytest_parallel_agents.convergence.evidence import CheckEvidence
from pytest_parallel_agents.convergence.fault import Fault, Place
from pytest_parallel_agents.convergence.functions import FunctionRange
from pytest_parallel_agents.convergence.kinds.kind import Opinion, Opinions
from pytest_parallel_agents.convergence.kinds.weights import WEIGHTS
from pytest_parallel_agents.convergence.phrases import headline, verb
from pytest_parallel_agents.convergence.sums import Best, mean

NOTABLE: Final = 0.1
"""The share of the time below which a function is not worth a word."""


class Samples:
    name = "samples"
    weight = WEIGHTS[name]
    testifies = True

    def opinions(self, fault: Fault) -> Opinions:
        """Of the functions and statements in which failing checks spent their time."""
        functions, lines = Best(), dict[Place, list[float]]()
        for check in fault.failing:
            for place, share in _sampled(check, fault).items():
                lines.setdefault(place, []).append(share)
            for function, share in _shares(check, fault).items():
                if share >= NOTABLE:
                    functions.add(function, _opinion(check, share))
        return Opinions(
            functions=functions.means(len(fault.failing)),
            lines={place: mean(shares, len(fault.failing)) for place, shares in lines.items()},
        )


def _shares(check: CheckEvidence, fault: Fault) -> Mapping[FunctionRange, float]:
    found: dict[FunctionRange, float] = {}
    for place, share in _sampled(check, fault).items():
        function = fault.code.function(*place)
        found[function] = found.get(function, 0.0) + share
    return found or _profiled(check, fault)


def _sampled(check: CheckEvidence, fault: Fault) -> Mapping[Place, float]:
    counts: dict[Place, int] = {}
    for path, lines in check.samples.items():
        for line, times in lines.items() if fault.suspects(path) else ():
            place = Place(path, fault.code.statement(path, line).line)
            counts[place] = counts.get(place, 0) + times
    total = sum(counts.values())
    return {place: times / total for place, times in counts.items()} if total else {}


def _profiled(check: CheckEvidence, fault: Fault) -> Mapping[FunctionRange, float]:
    found = shares(check, fault.code)
    return {function: share for function, share in found.items() if fault.suspects(function.path)}


def _opinion(check: CheckEvidence, share: float) -> Opinion:
    message = headline(check.message)
    ended = f"{check.name} {verb(check.outcome)}" + (f": {message}" if message else "")
    return Opinion(points=share, what=f"{ended}; {share:.0%} of its time is spent here", check=check.nodeid)
