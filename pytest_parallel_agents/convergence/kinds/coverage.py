"""Spectrum of coverage: code that failing checks execute and passing ones do not.

Ochiai's coefficient, `failed(s) / sqrt(all failed * (failed(s) + passed(s)))`: Abreu, Zoeteweij and van Gemund, "On the
Accuracy of Spectrum-based Fault Localization", TAIC PART 2007. A function is as suspicious as its most suspicious
statement.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

from pytest_parallel_agents.convergence.evidence import CheckEvidence
from pytest_parallel_agents.convergence.fault import Executions, Fault, Place
from pytest_parallel_agents.convergence.functions import FunctionRange
from pytest_parallel_agents.convergence.kinds.kind import Opinion, Opinions
from pytest_parallel_agents.convergence.kinds.weights import WEIGHTS

MODULE_SHARE: Final = 0.5
"""Of the points of a module's own code: it runs when it is first imported, in whichever check that happens."""


IMPORT_SHARE: Final = 0.25
"""Of the points of a module's own code that ran before any check."""

DEFINITION_SHARE: Final = 0.5
"""Of the points of a function's first executed statement for a head with defaults or decorators: it ran before."""

READ_SHARE: Final = 0.5
"""Of the points of a statement for those of a module's or class's own code that bind names which it reads."""


class Coverage:
    name = "coverage"
    weight = WEIGHTS[name]
    testifies = True

    def opinions(self, fault: Fault) -> Opinions:
        """Of each executed function, and of its statements."""
        lines: dict[Place, float] = {}
        functions: dict[FunctionRange, Opinion] = {}
        for function, places in fault.functions.items():
            share = 1.0 if function.is_function else MODULE_SHARE
            points = {place: share * ochiai(fault.executions[place], fault.measured) for place in places}
            lines.update(points)
            head = fault.code.statement(function.path, function.first_line)
            if function.is_function and head.defines and head.size:
                lines.setdefault(Place(function.path, head.line), DEFINITION_SHARE * points[places[0]])
            worst = max(places, key=lambda place: (points[place], -place.line))
            functions[function] = Opinion(
                points=points[worst],
                what=_phrase(fault.executions[worst], fault),
                check=fault.first_that_executed(worst),
                line=worst.line,
            )
        read = _read(fault, lines)
        lines.update(read)
        return Opinions(functions=_strongest(_imported(fault), _bound(fault, read), functions.items()), lines=lines)


def ochiai(times: Executions, failed: int) -> float:
    """0 for what no failing check executed, 1 for what all of them and no others did."""
    executed = failed * (times.failing + times.passing)
    return times.failing / math.sqrt(executed) if executed else 0.0


def _strongest(*found: Iterable[tuple[FunctionRange, Opinion]]) -> dict[FunctionRange, Opinion]:
    strongest: dict[FunctionRange, Opinion] = {}
    for function, opinion in chain(*found):
        if function not in strongest or opinion.points > strongest[function].points:
            strongest[function] = opinion
    return strongest


def _read(fault: Fault, points: Mapping[Place, float]) -> Mapping[Place, float]:
    """Statements that no check is known to execute, which bind what others read, the later ones first: these may read
    what earlier ones bind.
    """
    found = dict[Place, float]()
    for path in {place.path for place in points}:
        for binding in reversed(fault.code.outline(path).bindings):
            readers = (Place(path, line) for line in binding.readers)
            most = max((points.get(each, 0.0) or found.get(each, 0.0) for each in readers), default=0.0)
            if most and Place(path, binding.line) not in points:
                found[Place(path, binding.line)] = READ_SHARE * most
    return found


def _bound(fault: Fault, read: Mapping[Place, float]) -> Iterator[tuple[FunctionRange, Opinion]]:
    for place, points in read.items():
        what = "bound when the module was imported, and read by what failed checks execute"
        check = min(check.nodeid for check in fault.failing)
        yield fault.code.function(*place), Opinion(points=points, what=what, check=check, line=place.line)


def _imported(fault: Fault) -> Iterator[tuple[FunctionRange, Opinion]]:
    """The modules' own code, which has run before any check: whoever imports it is taken to execute it."""
    importing: dict[str, list[CheckEvidence]] = {}
    for check in fault.failing:
        for path in _imports(check, fault):
            if check.spectrum is not None and fault.suspects(path):
                importing.setdefault(path, []).append(check)
    passing = Counter(path for check in fault.passing for path in _imports(check, fault) if path in importing)
    for path, failing in importing.items():
        times = Executions(len(failing), passing[path])
        yield (
            fault.code.function(path, None),
            Opinion(
                points=IMPORT_SHARE * ochiai(times, fault.measured),
                what=_phrase(times, fault).replace("executed", "imported", 1),
                check=min(check.nodeid for check in failing),
            ),
        )


def _imports(check: CheckEvidence, fault: Fault) -> Sequence[str]:
    return fault.run.imports.get(check.nodeid.partition("::")[0], ())


def _phrase(times: Executions, fault: Fault) -> str:
    failed = f"{times.failing:,} of {fault.measured:,} that failed"
    return f"executed by {failed}, {times.passing:,} of {fault.measured_passing:,} that passed"
