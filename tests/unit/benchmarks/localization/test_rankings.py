from __future__ import annotations

import pytest

from benchmarks.localization.evaluation import average, both_first, confidence, hits, hits_by_method
from benchmarks.localization.faults import Change, Fault, Function, Statement
from benchmarks.localization.rankings import FRAMES, OCHIAI, OURS, RANDOM, STATEMENT_OCHIAI, Places, Scene, methods
from pytest_parallel_agents.convergence.evidence import CheckEvidence, RunEvidence
from pytest_parallel_agents.convergence.outlines import outline
from pytest_parallel_agents.model.results import Frame, Outcome

CODE = """\
def parse(text):
    if not text:
        return None
    return clean(text)


def clean(text):
    return text.strip()


def show(text):
    return clean(text)
"""
PARSE, CLEAN, SHOW = (Function("code.py", name) for name in ("parse", "clean", "show"))
EMPTY = Statement("code.py", 3, 3)


def check(name: str, outcome: Outcome, lines: list[int], *, at: int | None = None) -> CheckEvidence:
    return CheckEvidence(
        nodeid=f"test_code.py::{name}",
        kind="test",
        name=name,
        outcome=outcome,
        exception="" if outcome.good else "AssertionError",
        frames=(Frame("test_code.py", 4), Frame("code.py", at)) if at is not None else (),
        spectrum={"code.py": tuple(lines)},
    )


def scene(*, at: int | None = None) -> Scene:
    """Line 3 is wrong: the failing check alone executes it."""
    checks = (
        check("test_a", Outcome.FAILED, [2, 3], at=at),
        check("test_b", Outcome.PASSED, [2, 4, 8]),
        check("test_c", Outcome.PASSED, [8, 12]),
    )
    outlines = {"code.py": outline("code.py", CODE)}
    return Scene(RunEvidence(checks=checks, outlines=outlines, test_paths=frozenset({"test_code.py"})))


def fault(*functions: Function, line: int = 3) -> Fault:
    changes = tuple(Change(function=function, lines=frozenset({line})) for function in functions)
    return Fault(name="x", group="x", kind="operator", changes=changes)


def test_every_way_orders_the_same_candidates() -> None:
    found = {name: method(scene()) for name, method in methods().items()}
    assert found[RANDOM].functions == [[PARSE]]
    [candidates] = found[RANDOM].statements
    assert {EMPTY, Statement("code.py", 2, 2)} <= set(candidates)
    for places in found.values():
        assert sorted(each for group in places.statements for each in group) == sorted(candidates)


def test_the_statement_that_only_failures_execute_is_first() -> None:
    found = methods()[OURS](scene())
    assert found.statements[0] == [EMPTY]
    assert methods()[OCHIAI](scene()).statements[0] == [EMPTY]


def test_frames_put_the_innermost_function_of_the_project_first() -> None:
    found = methods()[FRAMES](scene(at=8))
    assert found.functions == [[CLEAN], [PARSE]]
    assert found.statements[0] == [Statement("code.py", 8, 8)]


def test_a_function_is_as_suspicious_as_its_worst_statement_or_as_a_whole() -> None:
    both = [check("test_a", Outcome.FAILED, [2, 3, 8]), check("test_b", Outcome.PASSED, [2, 4])]
    run = RunEvidence(checks=tuple(both), outlines={"code.py": outline("code.py", CODE)})
    assert methods()[OCHIAI](Scene(run)).functions == [[CLEAN], [PARSE]]
    assert methods()[STATEMENT_OCHIAI](Scene(run)).functions == [[PARSE, CLEAN]]


def test_hits_are_counted_for_functions_and_statements() -> None:
    found = hits_by_method(fault(PARSE), scene(), methods())
    assert found[OURS].function == (1, 1, 1, 1)
    assert found[OURS].statement == (1, 1, 1, 1)
    assert found[RANDOM].statement[0] <= 0.5
    assert found[RANDOM].statement[2] == 1
    assert found[OURS].shown == 1


def test_the_share_shown_counts_every_change() -> None:
    places = Places(functions=[[PARSE]], statements=[[EMPTY]])
    changes = (*fault(PARSE).changes, *fault(SHOW, line=12).changes)
    assert hits(Fault(name="x", group="x", kind="", changes=changes), places).shown == 0.5


def test_averages_count_each_fault_the_same() -> None:
    places = Places(functions=[[PARSE], [CLEAN]], statements=[])
    found = average([hits(fault(PARSE), places), hits(fault(CLEAN), places)])
    assert found.function == (0.5, 1, 1, 1)
    assert found.statement == (0, 0, 0, 0)


def test_confidence_is_of_the_first_place() -> None:
    sure = confidence(fault(PARSE), scene(at=3))
    assert sure is not None
    assert sure.right == 1
    assert sure.agreeing >= 2
    wrong = confidence(fault(SHOW), scene(at=3))
    assert wrong is not None
    assert wrong.right == 0
    assert confidence(fault(PARSE), Scene(RunEvidence(checks=()))) is None


@pytest.mark.parametrize(("functions", "chance"), [([[PARSE], [SHOW]], 1), ([[PARSE], [CLEAN, SHOW]], 0.5)])
def test_two_faults_are_the_first_two_functions(functions: list[list[Function]], chance: float) -> None:
    assert both_first(fault(PARSE, SHOW), Places(functions=functions, statements=[])) == chance
