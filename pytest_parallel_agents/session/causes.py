"""Ranks the causes from the results of all checks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from typing import Final

import pytest

from pytest_parallel_agents.agents.evidence import NOTHING
from pytest_parallel_agents.causes import Basis, Cause
from pytest_parallel_agents.convergence.evidence import Measured
from pytest_parallel_agents.convergence.view import Convergence
from pytest_parallel_agents.early_bound import os, time
from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.model.results import Result
from pytest_parallel_agents.project_paths import source
from pytest_parallel_agents.reports.causes import MOST_CAUSES, Located
from pytest_parallel_agents.secrets import secrets_mask
from pytest_parallel_agents.wire.remarks import remark

MOST_SECONDS: Final = 1.0
"""What a ranking may have taken to be made again for weak evidence."""


def locate_causes(
    results: Sequence[Result],
    config: pytest.Config,
    *,
    measured: Measured,
    known: Collection[str],
    gates: Collection[str],
    code_paths: Collection[str],
) -> Located:
    """The ranked causes, as far as these results show them. `known`: fingerprints of findings of a baseline. `gates`:
    node ids of checks that judge the results of the others. `code_paths`: see `RunEvidence`.
    """
    if all(result.evidence == NOTHING and not result.outcome.bad for result in results):
        return Located()
    try:
        return _located(results, config, measured, known=known, gates=gates, code_paths=code_paths)
    except Exception as error:  # noqa: BLE001 - a plugin's kind of evidence may raise anything, and results must be shown
        remark(config, [f"causes could not be ranked: {error!r}"])
        return Located()


def _located(
    results: Sequence[Result],
    config: pytest.Config,
    measured: Measured,
    *,
    known: Collection[str],
    gates: Collection[str],
    code_paths: Collection[str],
) -> Located:
    from pytest_parallel_agents.convergence.gathering import evidence_paths, gather
    from pytest_parallel_agents.convergence.kinds import KINDS
    from pytest_parallel_agents.convergence.ranking import explain
    from pytest_parallel_agents.session.folders_of_tests import folders_of_tests
    from pytest_parallel_agents.session.line_ages import with_ages

    sources = {path: source(path, config.rootpath) for path in evidence_paths(results, measured)}
    roots = folders_of_tests(config)
    run = gather(results, sources, measured, gates=gates, known=known, test_roots=roots, code_paths=code_paths)
    kinds = (*KINDS, *chain.from_iterable(config.hook.pytest_agents_evidence_kinds(config=config)))
    begun = time.monotonic()
    ranking = explain(run, kinds)
    is_quick = time.monotonic() - begun < MOST_SECONDS
    if is_quick and (suspicious := _suspicious(ranking.causes)):
        run = with_ages(run, suspicious, config.rootpath)
        ranking = explain(run, kinds)
    mask = secrets_mask(os.environ)
    return Located(ranking=ranking, evidence=run, sources={path: mask(text) for path, text in sources.items()})


def _suspicious(causes: Sequence[Cause]) -> list[str]:
    """The files of the first causes of failures: git takes its time for each."""
    return list(dict.fromkeys(cause.path for cause in causes[:MOST_CAUSES] if cause.basis is Basis.FAILURES))


def reasons_to_fail(config: pytest.Config, convergence: Convergence) -> Iterator[AgentsError]:
    """Why plugins want the run to fail."""
    for reasons in config.hook.pytest_agents_converged(config=config, convergence=convergence):
        yield from (AgentsError(reason) for reason in ([reasons] if isinstance(reasons, str) else reasons))
