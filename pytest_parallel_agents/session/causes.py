"""Where to look first, of what all checks together say."""

from __future__ import annotations

from collections.abc import Container, Sequence
from pathlib import Path

from pytest_parallel_agents.agents.evidence import NOTHING
from pytest_parallel_agents.model import Cause, Result
from pytest_parallel_agents.project_paths import source


def ranked_causes(
    results: Sequence[Result], root: Path, *, known: Container[str], gates: Container[str]
) -> tuple[Cause, ...]:
    """The ranked causes, as far as these results show them. `known`: fingerprints of findings of a baseline. `gates`:
    node ids of checks that judge what the others found.
    """
    if all(result.evidence == NOTHING for result in results):
        return ()
    from pytest_parallel_agents.convergence.clues import evidence_paths
    from pytest_parallel_agents.convergence.ranking import rank

    sources = {path: source(path, root) for path in evidence_paths(results)}
    return rank(results, sources, test_paths=_test_paths(results), known=known, gates=gates)


def _test_paths(results: Sequence[Result]) -> frozenset[str]:
    """The files that checks were collected from. One that could not be collected is where to look itself."""
    nodeids = (result.check.nodeid.partition("::") for result in results)
    return frozenset(path for path, separator, _ in nodeids if separator)
