"""What is said of a failed check that passes alone."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_parallel_agents.model import Outcome


def passes(alone: object) -> bool:
    """Whether this is how a check ends that has not failed and was not skipped."""
    return alone in (Outcome.PASSED, Outcome.XPASSED, Outcome.XFAILED)


def alone_lines(worker: str, replay: str) -> Iterator[str]:
    """What it means that a check which failed on `worker` passes alone, and the command to see it again, if any."""
    yield f"passes alone: it depends on what ran before it on {worker}, or beside it"
    if replay:
        yield f"to run again what ran on {worker}: {replay}"
