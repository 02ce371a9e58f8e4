from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import msgspec
import pytest

from pytest_parallel_agents.measurements import HotSpot, Measurement
from pytest_parallel_agents.model.results import Evidence, Finding, Level, Outcome, Result
from pytest_parallel_agents.reports.baseline import compared
from pytest_parallel_agents.reports.build import build
from pytest_parallel_agents.reports.causes import Located
from pytest_parallel_agents.reports.earlier import read_earlier
from pytest_parallel_agents.reports.formats.suffixes import write_report
from pytest_parallel_agents.reports.report import Baseline, Report
from pytest_parallel_agents.reports.schema import schema

from .samples import FACTS, check


def reported(outcomes: dict[str, Outcome], **fingerprints: list[str]) -> Report:
    """A report of checks by name, with findings of these fingerprints."""
    results = [
        Result(
            check=check(number, name, "review"), outcome=outcome, evidence=_evidence(name, fingerprints.get(name, []))
        )
        for number, (name, outcome) in enumerate(outcomes.items())
    ]
    return build(FACTS, None, results, Located())


def _evidence(name: str, fingerprints: list[str]) -> Evidence:
    findings = (
        Finding(rule="r", level=Level.ERROR, message="m", path="a.py", line=1, fingerprint=each, check=name)
        for each in fingerprints
    )
    return Evidence(findings=tuple(findings))


def compare(tmp_path: Path, before: Report, now: Report) -> Baseline:
    write_report(before, tmp_path / "before.json")
    report = compared(now, read_earlier(tmp_path / "before.json", "--agents-baseline"), tolerances={}, alone=())
    assert report.baseline is not None
    return report.baseline


def fingerprints(baseline: Baseline) -> tuple[list[str], list[str], list[str]]:
    new, fixed = ([each.fingerprint for each in found] for found in (baseline.new, baseline.fixed))
    return new, fixed, list(baseline.unchanged)


def test_findings_are_new_fixed_or_unchanged(tmp_path: Path) -> None:
    outcomes = {"a": Outcome.FAILED, "b": Outcome.FAILED}
    before = reported(outcomes, a=["1", "2"], b=["3"])
    now = reported(outcomes, a=["2", "4"], b=["3"])

    assert fingerprints(compare(tmp_path, before, now)) == (["4"], ["1"], ["2", "3"])


def test_a_compared_report_fits_the_schema(tmp_path: Path) -> None:
    write_report(reported({"a": Outcome.PASSED, "b": Outcome.FAILED}, b=["1"]), tmp_path / "before.json")
    now = reported({"a": Outcome.FAILED, "b": Outcome.PASSED, "c": Outcome.FAILED}, a=["2"])

    report = compared(now, read_earlier(tmp_path / "before.json", "--agents-baseline"), tolerances={}, alone=())

    assert report.baseline
    assert all((report.baseline.new, report.baseline.fixed, report.baseline.regressions))
    jsonschema.Draft202012Validator(schema()).validate(json.loads(msgspec.json.encode(report)))


def test_what_was_not_looked_at_again_is_not_fixed(tmp_path: Path) -> None:
    for outcome in Outcome:
        before = reported({"a": Outcome.FAILED}, a=["1"])
        ended = outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.XPASSED)
        assert fingerprints(compare(tmp_path, before, reported({"a": outcome})))[1] == (["1"] if ended else [])
    assert fingerprints(compare(tmp_path, before, reported({})))[1] == []


def test_what_two_checks_had_is_fixed_when_both_have_looked(tmp_path: Path) -> None:
    before = reported({"a": Outcome.FAILED, "b": Outcome.FAILED}, a=["1"], b=["1"])

    assert fingerprints(compare(tmp_path, before, reported({"a": Outcome.PASSED})))[1] == []
    assert fingerprints(compare(tmp_path, before, reported({"a": Outcome.PASSED, "b": Outcome.PASSED})))[1] == ["1"]


def test_checks_that_fail_and_did_not(tmp_path: Path) -> None:
    before = reported({"a": Outcome.PASSED, "b": Outcome.FAILED, "c": Outcome.SKIPPED, "d": Outcome.PASSED})
    now = reported(
        {"a": Outcome.ERROR, "b": Outcome.CRASHED, "c": Outcome.FAILED, "d": Outcome.SKIPPED, "e": Outcome.FAILED}
    )

    told = [(entry.check, entry.before, entry.now) for entry in compare(tmp_path, before, now).regressions]
    assert told == [
        ("a", Outcome.PASSED, Outcome.ERROR),
        ("c", Outcome.SKIPPED, Outcome.FAILED),
        ("e", None, Outcome.FAILED),
    ]


def profiled(seconds: dict[str, tuple[float, float]]) -> Report:
    """A report of checks by name, which measured so many calls and had that self time in one function."""
    results = []
    for number, (name, (calls, self_seconds)) in enumerate(seconds.items()):
        spot = HotSpot(
            path="a.py", line=1, function=name, calls=1, self_seconds=self_seconds, cumulative_seconds=self_seconds
        )
        measured = Measurement(
            name="", calls=int(calls), cpu_seconds=1, wall_seconds=1, peak_bytes=None, hot_spots=(spot,)
        )
        evidence = Evidence(measurements=(measured,))
        results.append(Result(check=check(number, name, "profile"), outcome=Outcome.PASSED, evidence=evidence))
    return build(FACTS, None, results, Located())


def test_measurements_are_listed_by_the_growth_of_self_time(tmp_path: Path) -> None:
    write_report(profiled({"a": (10, 1.0), "b": (10, 1.0), "c": (10, 2.0)}), tmp_path / "before.json")
    now = profiled({"a": (20, 1.5), "b": (20, 3.0), "c": (20, 1.0)})
    report = compared(
        now, read_earlier(tmp_path / "before.json", "--agents-baseline"), tolerances={"calls": 0.0}, alone=()
    )

    assert report.baseline is not None
    assert [(entry.check, entry.what) for entry in report.baseline.regressions] == [
        ("b", "calls"),
        ("a", "calls"),
        ("c", "calls"),
    ]
    assert [(each.function, each.before, each.now) for each in report.baseline.regressions[0].functions] == [
        ("b", 1.0, 3.0)
    ]
    assert report.baseline.regressions[2].functions == ()


@pytest.mark.slow
def test_a_baseline_of_many_findings_is_counted(tmp_path: Path) -> None:
    many = [str(number) for number in range(50_000)]
    before = reported({"a": Outcome.FAILED}, a=many)
    now = reported({"a": Outcome.FAILED}, a=[*many[1000:], "new"])

    assert tuple(map(len, fingerprints(compare(tmp_path, before, now)))) == (1, 1000, 49_000)
