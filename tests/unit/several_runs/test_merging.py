from __future__ import annotations

import pytest
from msgspec.structs import replace

from pytest_parallel_agents.errors import UsageFaults
from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.reports.report import Baseline, Report
from pytest_parallel_agents.several_runs.merging import merged
from tests.unit.reports.samples import shop_report


def shard(text: str | None, **values: object) -> Report:
    """A report whose run differs in these values, with a check of its own."""
    whole = shop_report()
    number = int((text or "1").partition("/")[0])
    checks = whole.checks[number - 1 :: 2] if text else whole.checks
    return replace(whole, run=replace(whole.run, shard=text, division="d", **values), checks=checks)


def faults(**reports: Report) -> list[str]:
    with pytest.raises(UsageFaults) as raised:
        merged(reports)
    return [str(fault) for fault in raised.value.faults]


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"commit": "0" * 40}, "commit"),
        ({"uncommitted": "1"}, "commit"),
        ({"configuration": "0"}, "configuration"),
    ],
)
def test_shards_of_other_code_are_refused(values: dict[str, object], what: str) -> None:
    assert faults(a=shard("1/2"), b=shard("2/2", **values)) == [
        f"b has another {what} than a (run all shards on the same code)"
    ]


def test_shards_of_another_division_are_refused() -> None:
    other = shard("2/2")
    other = replace(other, run=replace(other.run, division="e"))

    assert faults(a=shard("1/2"), b=other) == [
        "b has another division into shards than a (give all shards the same --agents-durations)"
    ]
    assert "b has another number of shards than a (run all shards on the same code)" in faults(
        a=shard("1/2"), b=shard("2/3")
    )


def test_missing_and_repeated_shards_are_named() -> None:
    assert faults(a=shard("2/2")) == ["no report is of shard 1/2 (give the reports of all shards)"]
    assert faults(a=shard("2/3"), b=shard("2/3")) == [
        "a and b are both shard 2/3 (give one of them)",
        "no report is of shard 1/3, 3/3 (give the reports of all shards)",
        f"{shop_report().checks[1].nodeid} has run in a and in b (give all shards the same --agents-durations)",
    ]


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"shard": "foo"}, "a is of the shard 'foo', which is none"),
        ({"shard": "3/2"}, "a is of the shard '3/2', which is none"),
        ({"started": "yesterday"}, "a has begun at 'yesterday', which is no time with a time zone"),
        ({"started": "2026-01-01T00:00:00"}, "a has begun at '2026-01-01T00:00:00', which is no time with a time zone"),
    ],
)
def test_what_was_changed_by_hand_is_named(changed: dict[str, str], fault: str) -> None:
    report = shard("1/2")
    report = replace(report, run=replace(report.run, **changed))

    assert faults(a=report, b=shard("2/2")) == [f"{fault} (give the report as it was written)"]


def test_a_report_of_a_whole_run_is_none_of_a_shard() -> None:
    assert faults(a=shard(None), b=shard("2/2")) == ["a is the report of a whole run, not of a shard (leave it out)"]


@pytest.mark.parametrize(
    ("codes", "whole"), [((0, 0), 0), ((0, 5), 0), ((5, 5), 5), ((0, 1), 1), ((1, 2), 2), ((2, 3), 3), ((0, 11), 11)]
)
def test_the_exit_code_is_that_of_the_whole(codes: tuple[int, int], whole: int) -> None:
    reports = {str(number): shard(f"{number}/2", exit_code=code) for number, code in enumerate(codes, start=1)}

    assert merged(reports).run.exit_code == whole


def test_nothing_of_a_shard_is_lost() -> None:
    report = merged({"a": shard("2/2"), "b": shard("1/2")})

    assert sorted(check.nodeid for check in report.checks) == sorted(check.nodeid for check in shop_report().checks)
    assert [each.shard for each in report.shards] == ["1/2", "2/2"]
    assert report.run.shard is None
    assert report.run.workers == 2 * shop_report().run.workers
    assert report.timing.sequential == 2 * shop_report().timing.sequential


def test_what_no_shard_could_collect_counts_once() -> None:
    """And a check that never ran is kept as often as it was collected in its shard."""
    shards = [shard("1/2"), shard("2/2")]
    broken = replace(shards[0].checks[0], nodeid="test_broken.py", outcome=Outcome.ERROR, attempts=(), findings=())
    unrun = replace(broken, nodeid="test_twice.py::test_it", outcome=Outcome.CANCELLED)
    a, b = (replace(each, checks=(*each.checks, broken)) for each in shards)

    checks = merged({"a": replace(a, checks=(*a.checks, unrun, unrun)), "b": b}).checks

    assert [check.nodeid for check in checks].count(broken.nodeid) == 1
    assert [check.nodeid for check in checks].count(unrun.nodeid) == 2


def test_what_another_shard_finds_is_not_fixed() -> None:
    shards = [shard("1/2"), shard("2/2")]
    finding = next(finding for check in shards[0].checks for finding in check.findings)
    gone = replace(finding, fingerprint="0" * 16)
    there = Baseline(new=(), fixed=(), unchanged=(finding.fingerprint,), regressions=())
    a, b = (
        replace(report, baseline=replace(there, fixed=fixed))
        for report, fixed in zip(shards, [(), (finding, gone)], strict=True)
    )

    baseline = merged({"a": a, "b": b}).baseline

    assert baseline is not None
    assert baseline.fixed == (gone,)
