"""What was found, as a page. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Final

from benchmarks.localization.evaluation import DEPTHS, SHOWN, Hits, average
from benchmarks.localization.metrics import mean
from benchmarks.localization.rankings import FRAMES, OCHIAI, OURS, STATEMENT_OCHIAI
from benchmarks.localization.results import Result
from benchmarks.localization.trials import CHECK_LIMIT, RUN_LIMIT, Status
from benchmarks.localization.weights import AS_SHIPPED, VARIED, leave_one_out
from benchmarks.page import Table, markdown

BEATEN: Final = (OCHIAI, STATEMENT_OCHIAI, FRAMES)
MOST_COST: Final = 2.0
HANGS_FOUND: Final = 0.9
PAIRS_FOUND: Final = 0.7
FEWEST_PAIRS: Final = 20

_TEXT: Final = f"""\
A mutant differs from a public package by one edit at a known place: another operator, constant or variable, a call or a
branch less, one more or less in an index, a `while` that comes no nearer to its end. `pytest --agents` runs the
package's own tests on it; what fails is localized, and the place compared with that of the edit. Counted are mutants
that fail a test within {RUN_LIMIT} s, a check having {CHECK_LIMIT} s. Mutants that break collection are not counted.

A figure is the chance that the fault is among the first k places, ties resolved at random. All rankings use the same
evidence and order the same candidates: what failing tests executed or had on their stacks. Where code is missing, the
statements around the gap are right. *Shown* is the share of changed statements among the first {SHOWN}.

The copies have no history, so ages of lines are the same everywhere; no linter runs. Those kinds of evidence say
nothing here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that was measured. `ended`: trials by package and how they ended; `pairs`: chances that both were first."""

    ended: Mapping[tuple[str, Status], int]
    mutants: Sequence[Result]
    pairs: Sequence[float]
    recipes: Sequence[Result]


def page(found: Findings, *, facts: Mapping[str, str], command: str) -> str:
    """The whole page."""
    parts = [
        "# Localization",
        f"Written by `{command}`; do not edit.",
        _TEXT,
        markdown(Table(header=("", ""), rows=tuple(facts.items()))),
        "## Targets",
        markdown(Table(header=("what", "found", "target", "verdict"), rows=tuple(_targets(found)))),
    ]
    if found.mutants:
        parts += ["## Mutants", *_of_mutants(found)]
    if found.recipes:
        parts += [
            "## Bugs from recipes",
            f"Bugs: {len(found.recipes)}. Hits in %:",
            markdown(_by_method(found.recipes)),
        ]
    return "\n\n".join(parts) + "\n"


def all_met(found: Findings) -> bool:
    return all(verdict == "met" for *_, verdict in _targets(found))


def _targets(found: Findings) -> Iterator[tuple[str, str, str, str]]:
    """What, the value, the target and whether it is met."""
    if found.mutants:
        yield from _against_others(found.mutants)
        yield _cost_target([cost for each in found.mutants if (cost := _cost(each)) is not None], len(found.mutants))
    if hangs := [each for each in found.mutants if each.hung]:
        value = mean([each.hits[OURS].function[0] for each in hangs])
        yield _share_target(f"hangs, function @1, {len(hangs)}", value, HANGS_FOUND)
    if found.pairs:
        what = f"both of two faults first, {len(found.pairs)} pairs"
        what, found_share, target, verdict = _share_target(what, mean(found.pairs), PAIRS_FOUND)
        yield what, found_share, target, verdict if len(found.pairs) >= FEWEST_PAIRS else "too few to tell"


def _cost_target(costs: Sequence[float], mutants: int) -> tuple[str, str, str, str]:
    what = f"second pass / failing tests' files, median of {len(costs)} of {mutants}"
    if not costs:
        return what, "not measured", f"at most {MOST_COST:.0f}", _verdict(is_met=False)
    found = f"{median(costs):.2f} ({_share_over(costs, MOST_COST)} above)"
    return what, found, f"at most {MOST_COST:.0f}", _verdict(is_met=median(costs) <= MOST_COST)


def _share_target(what: str, value: float, least: float) -> tuple[str, str, str, str]:
    return what, _percent(value), f"at least {_percent(least)}", _verdict(is_met=value >= least)


def _against_others(results: Sequence[Result]) -> Iterator[tuple[str, str, str, str]]:
    """Ours against the best of the others, at every depth and both levels."""
    averages = _averages(results)
    for level, of_level in _LEVELS.items():
        for place, depth in enumerate(DEPTHS):
            ours = of_level(averages[OURS])[place]
            best, name = max((of_level(averages[other])[place], other) for other in BEATEN)
            yield f"{level} @{depth}", _percent(ours), f"above {_percent(best)} ({name})", _verdict(is_met=ours > best)


_LEVELS: Final[Mapping[str, Callable[[Hits], Sequence[float]]]] = {
    "function": lambda hits: hits.function,
    "statement": lambda hits: hits.statement,
}


def _of_mutants(found: Findings) -> Iterator[str]:
    hangs = sum(each.hung for each in found.mutants)
    yield f"{len(found.mutants)} mutants, of which {hangs} hang. Hits in %:"
    yield markdown(_by_method(found.mutants))
    yield "Ours, by what was done, and for hangs:"
    yield markdown(_by_kind(found.mutants))
    yield "By package, ours, with all trials that were made:"
    yield markdown(_by_package(found))
    yield "How often the first function is right, by the kinds of evidence that agree on it:"
    yield markdown(_calibration(found.mutants))
    yield (
        f"Weights of {' and '.join(VARIED)}, as multiples of those shipped: the best on all packages but one, and hits "
        "on that one with them:"
    )
    yield markdown(_weights(found.mutants))
    yield "Seconds of the second pass, beside those that the tests in the failing tests' files had taken in the first:"
    yield markdown(_seconds(found.mutants))


def _averages(results: Sequence[Result]) -> dict[str, Hits]:
    return {name: average(each.hits[name] for each in results) for name in results[0].hits}


def _by_method(results: Sequence[Result]) -> Table:
    rows = [(name, *_cells(hits)) for name, hits in _averages(results).items()]
    return Table(header=("ranking", *_HITS), rows=tuple(rows))


def _by_kind(results: Sequence[Result]) -> Table:
    groups = {kind: [each for each in results if each.fault.kind == kind] for kind in _kinds(results)}
    groups["hangs"] = [each for each in results if each.hung]
    groups["all others"] = [each for each in results if not each.hung]
    return _groups("fault", groups)


def _by_package(found: Findings) -> Table:
    rows = []
    for package in sorted({each.fault.group for each in found.mutants}):
        own = [each.hits[OURS] for each in found.mutants if each.fault.group == package]
        ended = [str(found.ended.get((package, status), 0)) for status in Status]
        rows.append((package, *ended, str(len(own)), *_cells(average(own))))
    return Table(header=("package", *(f"{status}" for status in Status), "counted", *_HITS), rows=tuple(rows))


def _groups(title: str, groups: Mapping[str, Sequence[Result]]) -> Table:
    rows = [
        (name, str(len(own)), *_cells(average(each.hits[OURS] for each in own))) for name, own in groups.items() if own
    ]
    return Table(header=(title, "mutants", *_HITS), rows=tuple(rows))


def _calibration(results: Sequence[Result]) -> Table:
    sure = [each.confidence for each in results if each.confidence is not None]
    rows = []
    for agreeing in sorted({each.agreeing for each in sure}):
        right = [each.right for each in sure if each.agreeing == agreeing]
        rows.append((str(agreeing), str(len(right)), _percent(mean(right))))
    without = len(results) - len(sure)
    return Table(header=("kinds", "mutants", "right %"), rows=(*rows, ("no cause", str(without), "")))


def _weights(results: Sequence[Result]) -> Table:
    choices = leave_one_out([(each.fault.group, each.choices) for each in results])
    sizes = [sum(each.fault.group == choice.group for each in results) for choice in choices]
    rows = [
        (choice.group, " ".join(f"{factor:g}" for factor in choice.factors), str(size), *_cells(choice.held_out))
        for choice, size in zip(choices, sizes, strict=True)
    ]
    held_out = average(choice.held_out for choice, size in zip(choices, sizes, strict=True) for _ in range(size))
    shipped = average(each.choices[AS_SHIPPED] for each in results)
    rows.append(("all, each with weights of the others", "", str(len(results)), *_cells(held_out)))
    rows.append(("all, as shipped", "", str(len(results)), *_cells(shipped)))
    return Table(header=("left out", "weights", "mutants", *_HITS), rows=tuple(rows))


def _seconds(results: Sequence[Result]) -> Table:
    groups = {"hangs": [each for each in results if each.hung], "others": [each for each in results if not each.hung]}
    rows = []
    for name, own in groups.items():
        costs = [cost for each in own if (cost := _cost(each)) is not None]
        if len(costs) > 1:
            seconds = median(each.second_pass.seconds for each in own if _cost(each) is not None)
            tenth = quantiles(costs, n=10)[-1]
            over = _share_over(costs, MOST_COST)
            rows.append((name, f"{seconds:.2f}", f"{median(costs):.2f}", f"{tenth:.2f}", over))
    header = ("mutants", "second pass s", "/ files", "/ files, 90%", f"above {MOST_COST:.0f}")
    return Table(header=header, rows=tuple(rows))


def _cost(result: Result) -> float | None:
    """None where there was no second pass, and where the files' tests took no time that could be measured."""
    taken = result.second_pass
    return taken.seconds / taken.files_seconds if taken.seconds and taken.files_seconds else None


def _kinds(results: Sequence[Result]) -> list[str]:
    return sorted({each.fault.kind for each in results})


_HITS: Final = (*(f"f@{depth}" for depth in DEPTHS), *(f"s@{depth}" for depth in DEPTHS), "shown")


def _cells(hits: Hits) -> list[str]:
    return [_percent(each) for each in (*hits.function, *hits.statement, hits.shown)]


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _share_over(values: Sequence[float], most: float) -> str:
    return f"{mean([float(each > most) for each in values]):.0%}"


def _verdict(*, is_met: bool) -> str:
    return "met" if is_met else "**missed**"
