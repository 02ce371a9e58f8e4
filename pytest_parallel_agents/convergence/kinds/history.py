"""The history in version control: code that changed lately breaks sooner than old code.

Age: `2^(-age / 30 days)` of a function's newest line, counted from HEAD's date. Recent change as evidence of a fault:
Kim, Zimmermann, Whitehead and Zeller, "Predicting Faults from Cached History", ICSE 2007.
"""

from __future__ import annotations

from typing import Final

from pytest_parallel_agents.convergence.fault import Fault, Place
from pytest_parallel_agents.convergence.functions import FunctionRange
from pytest_parallel_agents.convergence.kinds.kind import Opinion, Opinions
from pytest_parallel_agents.convergence.kinds.weights import WEIGHTS

HALF_LIFE: Final = 30.0
"""Days."""

_NOTABLE: Final = 0.1


class Age:
    name = "age"
    weight = WEIGHTS[name]
    testifies = False

    def opinions(self, fault: Fault) -> Opinions:
        """Of the functions under suspicion whose lines' ages are known."""
        functions = {}
        for function in fault.candidates:
            days = [days for line, days in fault.run.ages.get(function.path, {}).items() if _is_in(line, function)]
            if days:
                points = float(2 ** (-max(0.0, min(days)) / HALF_LIFE))
                functions[function] = Opinion(points=points, what=_phrase(min(days), points), check=_first(fault))
        return Opinions(functions=functions)


class Changes:
    name = "changes"
    weight = WEIGHTS[name]
    testifies = False

    def opinions(self, fault: Fault) -> Opinions:
        """Of the functions under suspicion with lines that changed since the base, and of these lines."""
        functions, lines = {}, {}
        for function in fault.candidates:
            changed = [line for line in fault.run.changed.get(function.path, ()) if _is_in(line, function)]
            if changed:
                what = f"{len(changed):,} {'line' if len(changed) == 1 else 'lines'} changed here since the base"
                functions[function] = Opinion(points=1.0, what=what, check=_first(fault), line=min(changed))
            for line in changed:
                lines[Place(function.path, fault.code.statement(function.path, line).line)] = 1.0
        return Opinions(functions=functions, lines=lines)


def _is_in(line: int, function: FunctionRange) -> bool:
    return function.first_line <= line <= function.end_line


def _first(fault: Fault) -> str:
    return min(check.nodeid for check in fault.failing)


def _phrase(days: float, points: float) -> str:
    return f"changed {days:.0f} days ago" if points >= _NOTABLE else ""
