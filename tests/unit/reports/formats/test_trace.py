from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from pytest_parallel_agents.model.results import Outcome, Result
from pytest_parallel_agents.reports.build import build
from pytest_parallel_agents.reports.causes import Located
from pytest_parallel_agents.reports.formats import trace
from pytest_parallel_agents.reports.report import Report
from tests.unit.reports.samples import FACTS, attempt, check, shop_report


def events(report: Report, phase: str) -> list[Mapping[str, Any]]:
    return [each for each in json.loads(trace.render(report))["traceEvents"] if each["ph"] in phase]


def report_of(*results: Result) -> Report:
    return build(FACTS, None, results, Located())


def test_each_worker_is_a_thread_and_each_attempt_a_slice_in_microseconds() -> None:
    names = {each["tid"]: each["args"]["name"] for each in events(shop_report(), "M") if each["name"] == "thread_name"}
    assert list(names.values()) == ["gw0", "gw1", "gw2"]
    assert [(names[each["tid"]], each["name"], each["cat"], each["ts"], each["dur"]) for each in _checks()] == [
        ("gw0", "mypy", "review", 0, 10_000_000),
        ("gw1", "test_total", "test", 10_000_000, 5_000_000),
        ("gw2", "test_speed", "profile", 500_000, 8_000_000),
    ]


def _checks() -> list[Mapping[str, Any]]:
    return [each for each in events(shop_report(), "X") if each["cat"] != "wait"]


def test_a_retried_check_has_a_slice_for_each_attempt_with_a_wait_between_them() -> None:
    attempts = (attempt(0, 1, "gw10", Outcome.FAILED), attempt(3, 4, "gw10"))
    flaky = Result(check=check(0, "t.py::test_a"), outcome=Outcome.PASSED, attempts=attempts)
    other = Result(check=check(1, "t.py::test_b"), outcome=Outcome.PASSED, attempts=(attempt(0, 4, "gw9"),))
    slices = events(report_of(flaky, other), "X")
    assert [
        (each["name"], each["tid"], each["args"].get("attempt"), each["args"].get("outcome")) for each in slices
    ] == [
        ("test_a", 2, "1 of 2", "failed"),
        ("test_a", 2, "2 of 2", "passed"),
        ("test_b", 1, None, "passed"),
        ("waits", 2, None, None),
    ]
    assert (slices[-1]["ts"], slices[-1]["dur"]) == (1_000_000, 2_000_000)


def test_the_number_of_running_checks_is_known_at_any_time() -> None:
    counts = [(each["ts"], each["args"]["checks"]) for each in events(shop_report(), "C")]
    assert counts == [(0, 1), (500_000, 2), (8_500_000, 1), (10_000_000, 1), (15_000_000, 0)]


def test_the_lower_bound_is_a_mark() -> None:
    (mark,) = events(shop_report(), "i")
    assert (mark["name"], mark["ts"]) == ("lower bound", round(shop_report().timing.lower_bound * 1_000_000))


def test_checks_of_the_critical_path_are_joined_by_arrows() -> None:
    report = shop_report()
    chain = tuple(each.nodeid for each in report.checks)
    report = replace(report, timing=replace(report.timing, critical_path=(*chain, "never ran")))
    arrows = events(report, "stf")
    assert [(each["ph"], each["ts"]) for each in arrows] == [("s", 0), ("t", 10_000_000), ("f", 500_000)]
    assert len({each["id"] for each in arrows}) == 1
    assert events(shop_report(), "stf") == []
