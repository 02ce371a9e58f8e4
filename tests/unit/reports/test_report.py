from __future__ import annotations

import json
from functools import cache
from itertools import permutations
from pathlib import Path

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_parallel_agents.causes import Cause, CauseLine, Ranking
from pytest_parallel_agents.model.plan import Action, Group, Plan
from pytest_parallel_agents.model.results import Attempt, Failure, GroupResult, Outcome, Result, Section
from pytest_parallel_agents.reports import report as report_module
from pytest_parallel_agents.reports import schema as schema_module
from pytest_parallel_agents.reports.build import build
from pytest_parallel_agents.reports.causes import MOST_CAUSES, MOST_LINES, MOST_MEMBERS, Located
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.reports.schema import schema

from .drawn import any_results
from .samples import (
    FACTS,
    attempt,
    check,
    conflict,
    plan,
    shop_report,
    shop_results,
)


def validate(report: Report) -> None:
    _validator().validate(json.loads(msgspec.json.encode(report)))


@cache
def _validator() -> jsonschema.Draft202012Validator:
    checker = jsonschema.Draft202012Validator(schema())
    checker.check_schema(schema())
    return checker


def cause(number: int, members: tuple[str, ...] = ()) -> Cause:
    return Cause(
        path="a.py",
        function=f"f{number}",
        line=1,
        end_line=2,
        lines=tuple(CauseLine(line=line, end_line=line, score=0.5, rank_group=line) for line in range(1, 10)),
        score=0.5,
        rank_group=1,
        kinds=("review",),
        members=members,
        evidence=(),
    )


def passed(index: int, *attempts: Attempt, group: str | None = None, outcome: Outcome = Outcome.PASSED) -> Result:
    return Result(check=check(index, f"t.py::t{index}", group=group), outcome=outcome, attempts=attempts)


def test_a_real_report_fits_the_schema() -> None:
    validate(shop_report())


def test_a_run_without_checks_fits_the_schema() -> None:
    report = build(FACTS, None, [], Located())

    validate(report)
    assert (report.checks, report.causes, report.evidence, report.baseline) == ((), (), None, None)
    assert not report.independence.verified


def test_the_schema_lists_every_field_of_every_class_and_allows_no_other() -> None:
    shapes = json.loads(json.dumps(schema()["$defs"]))
    classes = [
        each
        for each in vars(report_module).values()
        if isinstance(each, type) and issubclass(each, msgspec.Struct) and each.__module__ == report_module.__name__
    ]
    for each in classes:
        if not each.__name__.startswith("_"):
            shape = shapes[each.__name__]
            fields = msgspec.structs.fields(each)
            assert list(shape["properties"]) == [field.name for field in fields]
            assert shape["required"] == [field.name for field in fields if field.required]
            assert shape["additionalProperties"] is False
            assert shape["description"]


def test_the_schema_stands_beside_the_module_that_reads_it() -> None:
    assert Path(schema_module.__file__).with_name("schema.json").is_file()


def test_the_field_names_are_those_of_the_contract() -> None:
    document = msgspec.to_builtins(shop_report())

    assert list(document) == [
        "schema", "run", "timing", "independence", "checks", "groups", "causes", "evidence", "baseline",
        "unexplained", "shards", "history",
    ]  # fmt: skip
    assert document["schema"] == "pytest-parallel-agents/report/1"
    assert list(document["checks"][0]) == [
        "nodeid", "kind", "name", "outcome", "duration", "worker", "start", "stop", "attempts", "group", "message",
        "notes", "measurements", "findings",
    ]  # fmt: skip
    assert list(document["causes"][0]) == [
        "path", "function", "line", "end_line", "lines", "score", "rank_group", "kinds", "members", "evidence",
        "addends", "agreeing", "confidence", "failures", "failure_count", "cluster", "basis", "excerpt",
    ]  # fmt: skip
    assert list(document["evidence"]) == [
        "functions", "spectra", "frames", "samples", "ages", "statements", "files", "exceptions", "changed", "imports",
        "test_roots", "judges", "known", "missing", "unmeasured", "code_paths", "measured_seconds",
        "waited", "bindings",
    ]  # fmt: skip


def test_a_report_survives_being_written_and_read() -> None:
    report = shop_report()

    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report


def test_checks_stand_in_the_order_of_collection() -> None:
    expected = [result.check.nodeid for result in shop_results()]

    for results in permutations(shop_results()):
        assert [entry.nodeid for entry in build(FACTS, None, results, Located()).checks] == expected


def test_a_retried_check_shows_its_last_attempt_and_lists_all() -> None:
    retried = passed(0, attempt(0, 1, "gw0", Outcome.FAILED), attempt(2, 4, "gw1"))

    [entry] = build(FACTS, plan([retried]), [retried], Located()).checks

    assert (entry.duration, entry.worker, entry.start, entry.stop) == (2, "gw1", 2, 4)
    assert [each.outcome for each in entry.attempts] == [Outcome.FAILED, Outcome.PASSED]


def test_a_check_that_never_ran_has_no_worker_and_no_times() -> None:
    cancelled = passed(0, outcome=Outcome.CANCELLED)

    [entry] = build(FACTS, plan([cancelled]), [cancelled], Located()).checks

    assert (entry.duration, entry.worker, entry.start, entry.stop, entry.attempts) == (0, None, None, None, ())


@pytest.mark.parametrize("outcome", Outcome)
def test_only_a_bad_end_has_a_failure(outcome: Outcome) -> None:
    told = Failure(text="E  assert 0", sections=(Section(name="Captured stdout call", text="before\n"),))
    ended = Result(check=check(0, "t.py::t"), outcome=outcome, failure=told)

    report = build(FACTS, None, [ended], Located())

    validate(report)
    (entry,) = json.loads(msgspec.json.encode(report))["checks"]
    sections = [{"name": "Captured stdout call", "text": "before\n"}]
    assert entry.get("failure") == ({"text": "E  assert 0", "sections": sections} if outcome.bad else None)
    assert ("failure" in entry) is outcome.bad


def test_measurements_and_findings_come_whole() -> None:
    review, _, profile = shop_report().checks

    assert [finding.rule for finding in review.findings] == ["attr-defined", "F401", "S101", "stale"]
    assert [spot.function for spot in profile.measurements[0].hot_spots] == ["total", "tax"]


def test_what_became_of_a_group() -> None:
    results = [passed(0, group="g"), passed(1, group=None), passed(2, group="g")]
    of_two = Group(name="g", needed=1, members=(0, 2))
    decided = GroupResult(group=of_two, passed=True, decided_by="t.py::t0")

    [group] = build(FACTS, plan(results), results, Located(), [decided]).groups

    assert (group.name, group.wait, group.passed, group.decided_by) == ("g", "any", True, "t.py::t0")
    assert group.members == ("t.py::t0", "t.py::t2")


@pytest.mark.parametrize(("needed", "seconds"), [(1, 2.0), (2, 5.0), (None, None)])
def test_a_group_takes_as_long_as_the_last_pass_that_it_waits_for(needed: int | None, seconds: float | None) -> None:
    spans = [(1.0, 6.0), (1.0, 3.0), (2.0, 2.5)]
    outcomes = [Outcome.PASSED, Outcome.PASSED, Outcome.FAILED]
    results = [
        passed(index, Attempt(outcome=outcome, worker="gw0", start=start, stop=stop), group="g", outcome=outcome)
        for index, (outcome, (start, stop)) in enumerate(zip(outcomes, spans, strict=True))
    ]
    decided = GroupResult(group=Group(name="g", needed=needed, members=(0, 1, 2)), passed=True)
    [group] = build(FACTS, plan(results), results, Located(), [decided]).groups
    assert group.seconds == seconds


def test_what_was_cancelled_does_not_count_for_the_lower_bound() -> None:
    kept = passed(0, Attempt(outcome=Outcome.PASSED, worker="gw0", start=0.0, stop=1.0))
    ended = Attempt(outcome=Outcome.CANCELLED, worker="gw1", start=0.0, stop=9.0)
    results = [kept, passed(1, ended, outcome=Outcome.CANCELLED)]
    assert build(FACTS, plan(results), results, Located(), []).timing.lower_bound == 1.0


@pytest.mark.parametrize(
    ("stop", "action", "verified"),
    [
        (1.0, Action.SERIALIZED, True),
        (1.5, Action.SERIALIZED, False),
        (1.0, Action.REFUSED, False),
        (1.0, Action.REPORTED, False),
    ],
)
def test_independence_is_verified_when_each_conflict_was_kept_apart(
    stop: float,
    action: Action,
    verified: bool,  # noqa: FBT001
) -> None:
    results = [passed(0, attempt(0, stop)), passed(1, attempt(1, 2, "gw1"))]
    known = plan(results, conflict("t.py::t0", "t.py::t1", action))

    independence = build(FACTS, known, results, Located()).independence

    assert independence.verified is verified
    assert [entry.action for entry in independence.conflicts] == [action]


def test_a_conflict_with_a_check_that_has_no_result_is_kept_apart() -> None:
    results = [passed(0, attempt(0, 1))]

    assert build(FACTS, plan(results, conflict("t.py::t0", "gone")), results, Located()).independence.verified


def test_frames_and_functions_are_kept_as_evidence() -> None:
    evidence = shop_report().evidence

    assert evidence is not None
    assert evidence.frames == {"tests/test_cart.py::test_total": (("tests/test_cart.py", 7), ("src/shop/cart.py", 42))}
    assert [(entry.function, entry.line) for entry in evidence.functions] == [("total", 40), ("tax", 44)]


def test_causes_their_members_and_all_their_lines_are_bounded() -> None:
    members = tuple(str(number) for number in range(MOST_MEMBERS + 1))
    causes = [cause(number, members) for number in range(MOST_CAUSES + 1)]

    report = build(FACTS, None, [], Located(ranking=Ranking(causes=tuple(causes))))

    assert len(report.causes) == MOST_CAUSES
    assert {len(entry.members) for entry in report.causes} == {MOST_MEMBERS}
    shown = [entry.rank_group for cause in report.causes for entry in cause.lines]
    assert shown == [1] * MOST_LINES


@given(any_results(), st.booleans())
@settings(max_examples=30)  # a validation takes a while
def test_the_report_of_any_results_fits_the_schema(drawn: list[Result], planned: bool) -> None:  # noqa: FBT001
    known: Plan | None = plan(drawn) if planned else None

    report = build(FACTS, known, drawn, Located())

    validate(report)
    assert len(report.checks) == len(drawn)


def test_the_excerpt_of_a_cause_is_its_source() -> None:
    first = shop_report().causes[0]

    assert [(each.line, each.text) for each in first.excerpt] == [
        (40, "def total(items):"),
        (41, "    rate = 0"),
        (42, "    return sum(items) / rate"),
    ]


def test_of_a_long_function_the_excerpt_has_the_likeliest_line() -> None:
    source = "\n".join(f"line {number}" for number in range(1, 101))
    long = msgspec.structs.replace(
        cause(1), end_line=100, lines=(CauseLine(line=90, end_line=90, score=1, rank_group=1),)
    )
    located = Located(ranking=Ranking(causes=(long,)), sources={"a.py": source})

    shown = [each.line for each in build(FACTS, None, [], located).causes[0].excerpt]

    assert 90 in shown
    assert len(shown) == 14
