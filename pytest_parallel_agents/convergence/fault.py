"""What one fault is ranked from: the checks that failed of it, those that passed, and the code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from pytest_parallel_agents.convergence.code import Code
from pytest_parallel_agents.convergence.evidence import CheckEvidence, RunEvidence
from pytest_parallel_agents.convergence.functions import MODULE, FunctionRange


class Place(NamedTuple):
    """A statement by its file and first line."""

    path: str
    line: int


class Executions(NamedTuple):
    """How many failing and passing checks executed a statement."""

    failing: int
    passing: int


class Fault:
    """A cluster of failures that one fault may explain. `role`: the one of the files that are under suspicion."""

    def __init__(
        self,
        failing: Sequence[CheckEvidence],
        passing: Sequence[CheckEvidence],
        run: RunEvidence,
        code: Code,
        role: int,
    ) -> None:
        self.failing = tuple(failing)
        self.passing = tuple(passing)
        self.run = run
        self.code = code
        self.role = role

    def suspects(self, path: str) -> bool:
        """Whether the fault may be in this file."""
        return self.code.role(path) == self.role

    @cached_property
    def measured_passing(self) -> int:
        """How many of the passing checks have a spectrum."""
        return sum(check.spectrum is not None for check in self.passing)

    @cached_property
    def measured(self) -> int:
        """How many of the failing checks have a spectrum."""
        return sum(check.spectrum is not None for check in self.failing)

    @cached_property
    def executions(self) -> Mapping[Place, Executions]:
        """Each statement under suspicion that a failing check executed."""
        failing: dict[str, Counter[int]] = {}
        for check in self.failing:
            for path, lines in self._spectrum(check):
                failing.setdefault(path, Counter()).update(set(lines))
        passing: dict[str, Counter[int]] = {path: Counter() for path in failing}
        for check in self.passing:
            for path, lines in self._spectrum(check):
                if path in failing:
                    passing[path].update(failing[path].keys() & lines)
        return {
            Place(path, line): Executions(times, passing[path][line])
            for path, counts in failing.items()
            for line, times in counts.items()
        }

    def first_that_executed(self, place: Place) -> str:
        """The node id of the first failing check that executed a statement."""
        return next(nodeid for nodeid, lines in self._failing_lines[place.path] if place.line in lines)

    @cached_property
    def _failing_lines(self) -> Mapping[str, list[tuple[str, frozenset[int]]]]:
        found: dict[str, list[tuple[str, frozenset[int]]]] = {}
        for check in sorted(self.failing, key=lambda each: each.nodeid):
            for path, lines in self._spectrum(check):
                found.setdefault(path, []).append((check.nodeid, frozenset(lines)))
        return found

    @cached_property
    def functions(self) -> Mapping[FunctionRange, tuple[Place, ...]]:
        """The functions under suspicion that a failing check executed, with the statements that it did."""
        found: dict[FunctionRange, list[Place]] = {}
        for place in sorted(self.executions):
            statement = self.code.statement(*place)
            found.setdefault(self.code.executing(place.path, statement), []).append(place)
        return {function: tuple(places) for function, places in found.items()}

    @cached_property
    def candidates(self) -> frozenset[FunctionRange]:
        """The functions that failing checks touched; where nothing is known of these, what their files import."""
        return self.touched or frozenset(self._imported())

    @cached_property
    def touched(self) -> frozenset[FunctionRange]:
        """The functions that failing checks executed, stood in when they failed, or spent their time in."""
        places = (place for check in self.failing for place in _named(check))
        named = (self.code.function(path, line) for path, line in places if self.suspects(path))
        return frozenset(self.functions) | frozenset(named)

    def _imported(self) -> Iterator[FunctionRange]:
        for test_path in {check.nodeid.partition("::")[0] for check in self.failing if check.spectrum is None}:
            for path in self.run.imports.get(test_path, ()):
                if self.suspects(path):
                    yield from self.code.outline(path).functions

    def _spectrum(self, check: CheckEvidence) -> Iterator[tuple[str, tuple[int, ...]]]:
        for path, lines in (check.spectrum or {}).items():
            if self.suspects(path):
                yield path, lines


def _named(check: CheckEvidence) -> Iterator[tuple[str, int | None]]:
    yield from ((frame.path, frame.line) for frame in check.frames)
    yield from ((path, line) for path, lines in check.samples.items() for line in lines)
    for measured in check.measurements:
        yield from ((spot.path, None if spot.function == MODULE else spot.line) for spot in measured.hot_spots)


class Scene:
    """A run and its code. Makes each fault once, since what it counts takes its time."""

    def __init__(self, run: RunEvidence, code: Code) -> None:
        self.run = run
        self.code = code
        self._passing = [check for check in run.checks if check.outcome.good and check.spectrum is not None]
        self._faults: dict[tuple[int, tuple[str, ...]], Fault] = {}

    def fault(self, failing: Sequence[CheckEvidence], role: int) -> Fault:
        """That of these failures, in files of this role."""
        ordered = sorted(failing, key=lambda each: each.nodeid)
        key = role, tuple(check.nodeid for check in ordered)
        if key not in self._faults:
            self._faults[key] = Fault(ordered, self._passing, self.run, self.code, role)
        return self._faults[key]
