"""Where checks stood that ran into their time limit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pytest_parallel_agents.convergence.code import PROJECT, Code
from pytest_parallel_agents.convergence.evidence import Samples
from pytest_parallel_agents.convergence.stuck import stuck_samples
from pytest_parallel_agents.model.results import Outcome, Result
from pytest_parallel_agents.wire.messages import Sampled


def samples_of_hung(results: Iterable[Result], sampled: Mapping[int, Sampled]) -> dict[str, Samples]:
    """By node id. There are none of a check that never let go of the interpreter's lock: it has its last stack only."""
    results = tuple(results)
    code = Code({}, {result.check.nodeid.partition("::")[0] for result in results})
    found: dict[str, Samples] = {}
    for result in results:
        seen = sampled.get(result.check.index)
        if seen is not None and result.outcome is Outcome.TIMED_OUT:
            samples = stuck_samples(dict(seen.stacks), seen.lasting, lambda path: code.role(path) != PROJECT)
            if samples:
                found[result.check.nodeid] = samples
    return found
