"""Size of statements: of those that are equal in everything else the larger one is likelier to be wrong.

Points are `1 - 2^(-size / 4)`, where the size counts names, constants and operations. Size as a predictor of faults: El
Emam, Benlarbi, Goel and Rai, "The Confounding Effect of Class Size on the Validity of Object-Oriented Metrics", IEEE
TSE 27(7), 2001.
"""

from __future__ import annotations

from typing import Final

from pytest_parallel_agents.convergence.fault import Fault
from pytest_parallel_agents.convergence.kinds.kind import Opinions
from pytest_parallel_agents.convergence.kinds.weights import WEIGHTS

HALF: Final = 4.0
"""The size at which half of all points are given."""


class Size:
    name = "size"
    weight = WEIGHTS[name]
    testifies = False

    def opinions(self, fault: Fault) -> Opinions:
        """Of the statements that failing checks executed; of functions nothing."""
        sizes = {place: fault.code.statement(*place).size for place in fault.executions}
        return Opinions(lines={place: float(1 - 2 ** (-size / HALF)) for place, size in sizes.items()})
