"""Tracebacks of failing checks: the nearer to the innermost frame in the project, the likelier.

Half as likely with each call between: `mean over failing checks of 0.5^distance`. Stack traces as evidence of a fault:
Schroeter, Bettenburg and Premraj, "Do stack traces help developers fix bugs?", MSR 2010.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from pytest_parallel_agents.convergence.evidence import CheckEvidence
from pytest_parallel_agents.convergence.fault import Fault, Place
from pytest_parallel_agents.convergence.functions import FunctionRange
from pytest_parallel_agents.convergence.kinds.kind import Opinion, Opinions
from pytest_parallel_agents.convergence.kinds.weights import WEIGHTS
from pytest_parallel_agents.convergence.phrases import headline, verb
from pytest_parallel_agents.convergence.sums import Best, mean

DECAY: Final = 0.5
REPORTING: Final = 0.5
"""Of the points of a function that raised on purpose: it has noticed a fault, which may be anywhere. So have those that
were called to raise another exception than one that was caught.
"""


class Visit(NamedTuple):
    """A function on a failing check's stack, by its frame nearest to the failure."""

    function: FunctionRange
    place: Place
    calls: int
    points: float


class Traceback:
    name = "traceback"
    weight = WEIGHTS[name]
    testifies = True

    def opinions(self, fault: Fault) -> Opinions:
        """Of the functions on the stacks of checks that failed, and of the statements that were being executed."""
        functions, lines = Best(), dict[Place, list[float]]()
        for check in fault.failing:
            if not check.samples:
                for visit in visits(check, fault):
                    functions.add(visit.function, _opinion(visit, check))
                    lines.setdefault(visit.place, []).append(visit.points)
        return Opinions(
            functions=functions.means(len(fault.failing)),
            lines={place: mean(points, len(fault.failing)) for place, points in lines.items()},
        )


def visits(check: CheckEvidence, fault: Fault) -> Iterator[Visit]:
    """The functions under suspicion on its stack, innermost first."""
    frames = [frame for frame in check.frames if fault.suspects(frame.path)]
    statements = [fault.code.statement(frame.path, frame.line) for frame in frames]
    # Below what raises in a handler is the error that it had caught.
    handling = [number for number, each in enumerate(statements) if each.handles and not each.raises]
    seen: set[FunctionRange] = set()
    for number, (frame, statement) in reversed(list(enumerate(zip(frames, statements, strict=True)))):
        function = fault.code.function(frame.path, frame.line)
        if function in seen:
            continue
        is_below_handler = bool(handling) and handling[0] < number
        share = REPORTING if statement.raises or is_below_handler else 1.0
        place = Place(frame.path, statement.line)
        yield Visit(function, place, len(seen), share * DECAY ** len(seen))
        seen.add(function)


def _opinion(visit: Visit, check: CheckEvidence) -> Opinion:
    calls = "call" if visit.calls == 1 else "calls"
    where = "here" if visit.calls == 0 else f"{visit.calls} {calls} below"
    message = headline(check.message)
    return Opinion(
        points=visit.points,
        what=f"{check.name} {verb(check.outcome)} {where}" + (f": {message}" if message else ""),
        check=check.nodeid,
        line=visit.place.line,
    )
