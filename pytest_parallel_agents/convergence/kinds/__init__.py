"""The kinds of evidence, each a module of its own behind one Protocol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pytest_parallel_agents.convergence.kinds.coverage import Coverage
from pytest_parallel_agents.convergence.kinds.findings import Findings
from pytest_parallel_agents.convergence.kinds.history import Age, Changes
from pytest_parallel_agents.convergence.kinds.kind import EvidenceKind
from pytest_parallel_agents.convergence.kinds.samples import Samples
from pytest_parallel_agents.convergence.kinds.size import Size
from pytest_parallel_agents.convergence.kinds.traceback import Traceback
from pytest_parallel_agents.convergence.kinds.words import Words

KINDS: Final[Sequence[EvidenceKind]] = (
    Coverage(), Traceback(), Samples(), Words(), Age(), Changes(), Size(), Findings(),
)  # fmt: skip
