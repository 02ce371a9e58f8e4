"""How much of checks' texts is kept. Each cut is marked in its place, and no finding is dropped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec.structs import replace

from pytest_parallel_agents.excerpts import cut
from pytest_parallel_agents.measurements import Measurement
from pytest_parallel_agents.model.results import Finding

MOST_MESSAGE: Final = 8 * 1024
"""Characters of a finding's message, and of a path: more than any file system takes."""
MOST_NAME: Final = 500
"""Characters of a rule or of the name of a measurement or a function."""
MOST_OF_CHECK: Final = 2 * 1024 * 1024
"""Characters of all messages of a check, after which `MOST_NAME` of each are kept."""


def bounded(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings of a check with the beginnings of what is too long in them."""
    left = MOST_OF_CHECK
    for finding in findings:
        message = cut(finding.message, MOST_MESSAGE if left > 0 else MOST_NAME)
        left -= len(message)
        path = None if finding.path is None else cut(finding.path, MOST_MESSAGE)
        yield replace(finding, rule=cut(finding.rule, MOST_NAME), message=message, path=path)


def bounded_measurement(measured: Measurement) -> Measurement:
    """The measurement with the beginnings of names that are too long."""
    spots = tuple(
        replace(spot, path=cut(spot.path, MOST_MESSAGE), function=cut(spot.function, MOST_NAME))
        for spot in measured.hot_spots
    )
    return replace(measured, name=cut(measured.name, MOST_NAME), hot_spots=spots)
