"""Errors that linters and type checkers found in a function. They hardly point at what fails: they only break ties.
Those of a check that ran after others, which it may have been shown, do not count: they would only say the same again.

Faulty functions have 1.1 to 1.3 times as many findings as others (our measurement on historic bugs). It is another
thing if a check fails in the very statement in which a tool has found an error: two witnesses that know nothing of each
other.
"""

from __future__ import annotations

from typing import Final

from pytest_parallel_agents.convergence.fault import Fault, Place
from pytest_parallel_agents.convergence.kinds.kind import Opinion, Opinions
from pytest_parallel_agents.convergence.kinds.traceback import visits
from pytest_parallel_agents.convergence.kinds.weights import WEIGHTS
from pytest_parallel_agents.convergence.sums import mean
from pytest_parallel_agents.model.results import Level

TIE: Final = 0.02
"""Points of a function in which no check fails where an error is."""


class Findings:
    name = "findings"
    weight = WEIGHTS[name]
    testifies = True

    def opinions(self, fault: Fault) -> Opinions:
        """Of the functions under suspicion with at least one new error, the share of the failures in the statement of
        one. Its words stand among the clues already.
        """
        found = {
            (finding.path, finding.line)
            for check in fault.run.checks
            if not check.waited
            for finding in check.findings
            if finding.path is not None and finding.level is Level.ERROR and finding.fingerprint not in fault.run.known
        }
        points = {function: TIE for each in found if (function := fault.code.function(*each)) in fault.candidates}
        statements = {Place(path, fault.code.statement(path, line).line) for path, line in found if line is not None}
        failed = [next(visits(check, fault), None) for check in fault.failing if not check.samples]
        for function in points:
            met = [1.0 for each in failed if each and each.function == function and each.place in statements]
            points[function] = max(TIE, mean(met, len(fault.failing)))
        return Opinions(functions={function: Opinion(points=each) for function, each in points.items()})
