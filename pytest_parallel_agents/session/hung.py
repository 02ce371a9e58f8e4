"""Where checks stood that ran into their time limit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pytest_parallel_agents.convergence.code import PROJECT, Code
from pytest_parallel_agents.convergence.evidence import Samples
from pytest_parallel_agents.convergence.stuck import Frames, stuck_samples
from pytest_parallel_agents.model import Outcome, Result
from pytest_parallel_agents.project_paths import project_place
from pytest_parallel_agents.runtest.stacks import check_frames
from pytest_parallel_agents.wire.messages import Sampled


def samples_of_hung(results: Iterable[Result], sampled: Mapping[int, Sampled], root: Path) -> dict[str, Samples]:
    """By node id. Where no samples came, as of a check that never lets go of the interpreter's lock, the stack counts
    that its process has written.
    """
    results = tuple(results)
    code = Code({}, {result.check.nodeid.partition("::")[0] for result in results})

    def is_test(path: str) -> bool:
        return code.role(path) != PROJECT

    found = {}
    for result in results:
        if result.outcome is Outcome.TIMED_OUT:
            stacks, lasting = _stacks(result, sampled.get(result.check.index), root)
            found[result.check.nodeid] = stuck_samples(stacks, lasting, is_test)
    return {nodeid: samples for nodeid, samples in found.items() if samples}


def _stacks(result: Result, sampled: Sampled | None, root: Path) -> tuple[Mapping[Frames, int], int]:
    if sampled is not None:
        return dict(sampled.stacks), sampled.lasting
    frames = tuple(_frames(result.failure.text if result.failure else "", root))
    return {frames: 1}, len(frames)


def _frames(text: str, root: Path) -> Iterator[tuple[str, int]]:
    for file, line in check_frames(text):
        path = project_place(file, root)
        if path is not None:
            yield path, line
