"""Ranks the causes from the results of all checks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from pytest_parallel_agents.agents.evidence import NOTHING
from pytest_parallel_agents.convergence.evidence import Measured
from pytest_parallel_agents.early_bound import os
from pytest_parallel_agents.model import Result
from pytest_parallel_agents.project_paths import source
from pytest_parallel_agents.reports.causes import Located
from pytest_parallel_agents.secrets import secrets_mask


def locate_causes(
    results: Sequence[Result],
    root: Path,
    *,
    measured: Measured,
    known: Collection[str],
    gates: Collection[str],
    test_roots: Sequence[str] = (),
) -> Located:
    """The ranked causes, as far as these results show them. `known`: fingerprints of findings of a baseline. `gates`:
    node ids of checks that judge the results of the others. `test_roots`: folders of tests, relative to the root.
    """
    if all(result.evidence == NOTHING and not result.outcome.bad for result in results):
        return Located()
    from pytest_parallel_agents.convergence.gathering import evidence_paths, gather
    from pytest_parallel_agents.convergence.ranking import explain

    sources = {path: source(path, root) for path in evidence_paths(results, measured)}
    run = gather(results, sources, measured, gates=gates, known=known, test_roots=test_roots)
    mask = secrets_mask(os.environ)
    return Located(ranking=explain(run), evidence=run, sources={path: mask(text) for path, text in sources.items()})
