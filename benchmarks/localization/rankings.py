"""Ways to rank places from the same evidence: ours, with any of its kinds left out, and those to beat. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, TypeVar

from msgspec.structs import replace

from benchmarks.localization.faults import Function, Statement
from benchmarks.localization.metrics import Ranking, ranking
from benchmarks.localization.remembered import Known, Remembered, speaking
from pytest_parallel_agents.causes import Basis, Cause, CauseLine
from pytest_parallel_agents.convergence.code import PROJECT, Code
from pytest_parallel_agents.convergence.evidence import RunEvidence
from pytest_parallel_agents.convergence.fault import Executions, Fault, Place
from pytest_parallel_agents.convergence.functions import FunctionRange
from pytest_parallel_agents.convergence.kinds import KINDS
from pytest_parallel_agents.convergence.kinds.coverage import ochiai
from pytest_parallel_agents.convergence.kinds.traceback import Traceback
from pytest_parallel_agents.convergence.ranking import rank

RANDOM: Final = "random"
OCHIAI: Final = "Ochiai"
STATEMENT_OCHIAI: Final = "Ochiai, a function by its most suspicious statement"
FRAMES: Final = "frames"
OURS: Final = "ours"

Each = TypeVar("Each")


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where a way to rank places the functions and statements of one run."""

    functions: Ranking[Function]
    statements: Ranking[Statement]


class Scene:
    """What is known of a run whose failures have one fault, as far as rankings ask for it.

    Every ranking orders the same candidates, what a failing test executed or had on its stack, or a cause names: those
    that it does not name are behind the others, in one tie.
    """

    def __init__(self, run: RunEvidence) -> None:
        self.run = run
        self.code = Code(run.outlines, run.test_paths, run.test_roots)
        failing = [check for check in run.checks if check.outcome.bad]
        passing = [check for check in run.checks if check.outcome.good and check.spectrum is not None]
        self.fault = Fault(failing, passing, run, self.code, PROJECT)
        stopped = [replace(check, samples={}) for check in failing]
        self.frames = Traceback().opinions(Fault(stopped, (), run, self.code, PROJECT))
        self._known: Known = {}
        self.causes = self.ranked({kind.name: 1.0 for kind in KINDS})
        self.speaking = speaking(self._known)
        """Kinds of evidence that there is any of."""

    def ranked(self, factors: Mapping[str, float]) -> list[Cause]:
        """The causes of failures by these kinds of evidence, their weights multiplied by these factors."""
        kinds = [Remembered(kind, self._known, factors[kind.name]) for kind in KINDS if kind.name in factors]
        return [cause for cause in rank(self.run, kinds) if cause.basis == Basis.FAILURES]

    def places(self, functions: Mapping[FunctionRange, float], statements: Mapping[Place, float]) -> Places:
        """Ranked by these scores."""
        by_function = {_function(each): score for each, score in functions.items()}
        by_statement = {self._statement(each): score for each, score in statements.items()}
        return Places(
            functions=ranking(by_function, self._functions()), statements=ranking(by_statement, self._statements())
        )

    def places_of(self, causes: Sequence[Cause]) -> Places:
        """As causes name them."""
        functions = [(cause.rank_group, Function(cause.path, cause.function)) for cause in causes]
        statements = [(line.rank_group, each) for cause in causes for line, each in _lines(cause)]
        return Places(
            functions=_with_others(functions, self._functions()),
            statements=_with_others(statements, self._statements()),
        )

    def _functions(self) -> list[Function]:
        found = [_function(each) for each in {**self.fault.functions, **self.frames.functions}]
        return [*found, *(Function(cause.path, cause.function) for cause in self.causes)]

    def _statements(self) -> list[Statement]:
        found = [self._statement(each) for each in {**self.fault.executions, **self.frames.lines}]
        return [*found, *(each for cause in self.causes for _, each in _lines(cause))]

    def _statement(self, place: Place) -> Statement:
        found = self.code.statement(*place)
        return Statement(place.path, found.line, found.end_line)


Method = Callable[[Scene], Places]


def methods() -> dict[str, Method]:
    """All ways to rank, by name."""
    found: dict[str, Method] = {
        RANDOM: lambda scene: scene.places({}, {}),
        OCHIAI: _ochiai,
        STATEMENT_OCHIAI: _statement_ochiai,
        FRAMES: _frames,
        OURS: lambda scene: scene.places_of(scene.causes),
    }
    for left_out in KINDS:
        found[f"{OURS} without {left_out.name}"] = _without(left_out.name)
    return found


def _without(name: str) -> Method:
    factors = {kind.name: 1.0 for kind in KINDS if kind.name != name}
    return lambda scene: scene.places_of(scene.ranked(factors) if name in scene.speaking else scene.causes)


def _ochiai(scene: Scene) -> Places:
    """A function is executed or not."""
    fault = scene.fault
    functions = {
        function: ochiai(_executions(fault, places), fault.measured) for function, places in fault.functions.items()
    }
    return scene.places(functions, _of_statements(fault))


def _statement_ochiai(scene: Scene) -> Places:
    fault, statements = scene.fault, _of_statements(scene.fault)
    functions = {function: max(statements[each] for each in places) for function, places in fault.functions.items()}
    return scene.places(functions, statements)


def _frames(scene: Scene) -> Places:
    """Half as likely with each call between it and the innermost frame."""
    functions = {function: opinion.points for function, opinion in scene.frames.functions.items()}
    return scene.places(functions, scene.frames.lines)


def _of_statements(fault: Fault) -> dict[Place, float]:
    return {place: ochiai(times, fault.measured) for place, times in fault.executions.items()}


def _executions(fault: Fault, places: Sequence[Place]) -> Executions:
    """How many checks executed any of these statements of one file."""
    lines = {place.line for place in places}
    path = places[0].path

    def count(spectra: Iterable[Mapping[str, tuple[int, ...]] | None]) -> int:
        return sum(not lines.isdisjoint((spectrum or {}).get(path, ())) for spectrum in spectra)

    return Executions(count(each.spectrum for each in fault.failing), count(each.spectrum for each in fault.passing))


def _with_others(ranked: Iterable[tuple[int, Each]], candidates: Iterable[Each]) -> list[list[Each]]:
    by_rank = sorted(ranked, key=lambda each: each[0])
    groups = [[place for _, place in group] for _, group in groupby(by_rank, key=lambda each: each[0])]
    named = {place for group in groups for place in group}
    others = [place for place in dict.fromkeys(candidates) if place not in named]
    return [*groups, others] if others else groups


def _lines(cause: Cause) -> Iterator[tuple[CauseLine, Statement]]:
    for line in cause.lines:
        yield line, Statement(cause.path, line.line, line.end_line)


def _function(function: FunctionRange) -> Function:
    return Function(function.path, function.function)
