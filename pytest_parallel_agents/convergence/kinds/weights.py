"""The one table of what each kind of evidence counts. How they were found: docs/design/convergence.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pytest_parallel_agents.convergence.kinds.kind import Weight

WEIGHTS: Final[Mapping[str, Weight]] = {
    "coverage": Weight(function=1.0, line=1.0),
    "traceback": Weight(function=1.0, line=0.5, inherited=0.25, of_executed=True),
    "samples": Weight(function=1.0, line=0.5, inherited=0.5, of_executed=True),
    "words": Weight(function=0.6, inherited=0.6),
    "age": Weight(function=0.1),
    "size": Weight(function=0.0, line=0.02),
    "changes": Weight(function=0.1, line=0.1),
    "findings": Weight(function=0.5),
}
