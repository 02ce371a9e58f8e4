"""Lines about a failed check that passes alone."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_parallel_agents.model.results import Outcome


def passes_alone(alone: object) -> bool:
    """Whether this is the outcome of a check that neither failed nor was skipped."""
    return alone in (Outcome.PASSED, Outcome.XPASSED, Outcome.XFAILED)


def alone_lines(worker: str, replay: str) -> Iterator[str]:
    """The meaning of a check's passing alone that failed on `worker`, and the command that repeats the
    failure, if any.
    """
    yield f"passes alone: it depends on what ran before it on {worker}, or beside it"
    if replay:
        yield f"to run again what ran on {worker}: {replay}"
