from __future__ import annotations

from benchmarks.localization.evaluation import Confidence, Hits
from benchmarks.localization.faults import Change, Fault, Function
from benchmarks.localization.page import Findings, all_met, page
from benchmarks.localization.rankings import OURS, methods
from benchmarks.localization.reading import SecondPass
from benchmarks.localization.results import Result
from benchmarks.localization.trials import Status
from benchmarks.localization.weights import AS_SHIPPED, CHOICES, leave_one_out

HIT = Hits(function=(1, 1, 1, 1), statement=(1, 1, 1, 1), shown=1)
MISS = Hits(function=(0, 0, 0, 0), statement=(0, 0, 0, 0), shown=0)


def result(*, group: str = "one", ours: Hits = HIT, others: Hits = MISS, hung: bool = False) -> Result:
    change = Change(function=Function("code.py", "f"), lines=frozenset({1}))
    return Result(
        fault=Fault(name="x", group=group, kind="operator", changes=(change,)),
        hits={name: ours if name == OURS else others for name in methods()},
        choices=dict.fromkeys(CHOICES, ours),
        confidence=Confidence(agreeing=2, right=ours.function[0]),
        second_pass=SecondPass(seconds=1.0, files_seconds=2.0),
        hung=hung,
    )


def findings(*mutants: Result, pairs: tuple[float, ...] = ()) -> Findings:
    return Findings(ended={("one", Status.PASSED): 3}, mutants=mutants, pairs=pairs, recipes=())


def test_ours_must_beat_every_other_at_every_depth() -> None:
    assert all_met(findings(result()))
    assert not all_met(findings(result(others=HIT)))


def test_hangs_and_pairs_have_targets_of_their_own() -> None:
    assert not all_met(findings(result(), result(ours=MISS, hung=True)))
    assert all_met(findings(result(), pairs=(1.0, 1.0, 0.5) * 7))
    assert not all_met(findings(result(), pairs=(1.0, 0.0) * 10))


def test_the_page_tells_what_was_tried_and_what_was_found() -> None:
    text = page(findings(result(), result(group="two", ours=MISS)), facts={"CPUs": "2"}, command="python -m x")
    assert "| function @1 | 50.0 | above 0.0 (frames) | met |" in text
    assert "| one | 0 | 3 | 0 | 0 | 1 | 100.0 |" in text
    assert "| 2 | 2 | 50.0 |" in text
    assert "| second pass / failing tests' files, median of 2 of 2 | 0.50 (0% above) | at most 2 | met |" in text


def test_weights_are_judged_on_the_package_that_they_were_not_chosen_on() -> None:
    good_for_one = {factors: HIT if factors == CHOICES[0] else MISS for factors in CHOICES}
    good_for_two = {factors: HIT if factors == CHOICES[1] else MISS for factors in CHOICES}
    one, two = leave_one_out([("one", good_for_one), ("two", good_for_two)])
    assert (one.factors, one.held_out) == (CHOICES[1], MISS)
    assert (two.factors, two.held_out) == (CHOICES[0], MISS)


def test_weights_stay_as_shipped_where_others_are_not_better() -> None:
    [one, _] = leave_one_out([(name, dict.fromkeys(CHOICES, HIT)) for name in ("one", "two")])
    assert one.factors == AS_SHIPPED
