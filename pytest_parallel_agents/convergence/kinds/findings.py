"""Errors that linters and type checkers found in a function. They hardly point at what fails: they only break ties.
Those of a check that ran after others, which it may have been shown, do not count: they would only say the same again.

Faulty functions have 1.1 to 1.3 times as many findings as others (our measurement on historic bugs).
"""

from __future__ import annotations

from pytest_parallel_agents.convergence.fault import Fault
from pytest_parallel_agents.convergence.kinds.kind import Opinion, Opinions
from pytest_parallel_agents.convergence.kinds.weights import WEIGHTS
from pytest_parallel_agents.model import Level


class Findings:
    name = "findings"
    weight = WEIGHTS[name]
    testifies = True

    def opinions(self, fault: Fault) -> Opinions:
        """Of the functions under suspicion with at least one new error. Its words stand among the clues already."""
        found = {
            fault.code.function(finding.path, finding.line)
            for check in fault.run.checks
            if not check.waited
            for finding in check.findings
            if finding.path is not None and finding.level is Level.ERROR and finding.fingerprint not in fault.run.known
        }
        return Opinions(functions=dict.fromkeys(found & fault.candidates, Opinion(points=1.0)))
