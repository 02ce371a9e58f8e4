from __future__ import annotations

import gzip
import json
import random
import string
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from pytest_parallel_agents.agents.fingerprints import fingerprinted
from pytest_parallel_agents.model.results import Evidence, Finding, Frame, Level, Outcome, Result
from pytest_parallel_agents.reports.baseline import compared
from pytest_parallel_agents.reports.build import build
from pytest_parallel_agents.reports.causes import Located
from pytest_parallel_agents.reports.earlier import Earlier
from pytest_parallel_agents.reports.formats import sarif
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.tool_formats.output import Output
from pytest_parallel_agents.tool_formats.sarif import read
from tests.unit.reports.samples import FACTS, attempt, check, finding, located, plan, shop_report, shop_results


def runs(report: Report) -> dict[str, Any]:
    """By the names of their tools."""
    log = json.loads(sarif.render(report))
    return {run["tool"]["driver"]["name"]: run for run in log["runs"]}


def report_of(*results: Result) -> Report:
    return build(FACTS, plan(list(results)), results, located(list(results)))


def place(result: Mapping[str, Any]) -> tuple[str, int]:
    physical = result["locations"][0]["physicalLocation"]
    return physical["artifactLocation"]["uri"], physical["region"]["startLine"]


def test_each_agent_has_a_run_even_if_it_found_nothing_and_all_tests_together_one() -> None:
    found = runs(shop_report())
    assert {name: len(run["results"]) for name, run in found.items()} == {"mypy": 4, "pytest": 1, "test_speed": 0}


def test_inputs_of_a_command_are_one_agent() -> None:
    checks = [Result(check=check(n, f"pyproject.toml::lint[{n}]", "review"), outcome=Outcome.PASSED) for n in (0, 1)]
    assert list(runs(report_of(*checks))) == ["lint"]


def test_a_failed_test_is_an_error_where_it_was_raised_with_its_stack_innermost_first() -> None:
    (result,) = runs(shop_report())["pytest"]["results"]
    assert result["level"] == "error"
    assert result["message"]["text"] == "test_total: ZeroDivisionError: division by zero"
    frames = [{"locations": [frame["location"]]} for frame in result["stacks"][0]["frames"]]
    assert [place(frame) for frame in frames] == [("src/shop/cart.py", 42), ("tests/test_cart.py", 7)]
    assert place(result) == ("src/shop/cart.py", 42)


def test_levels_lines_and_rules_are_those_of_the_findings() -> None:
    run = runs(shop_report())["mypy"]
    described = run["tool"]["driver"]["rules"]
    rules = [rule["id"] for rule in described]
    assert [rule["defaultConfiguration"]["level"] for rule in described] == ["error", "warning", "note", "note"]
    assert [(rules[each["ruleIndex"]], each["level"], *place(each)) for each in run["results"]] == [
        ("attr-defined", "error", "src/shop/cart.py", 41),
        ("F401", "warning", "src/shop/io.py", 1),
        ("S101", "note", "src/shop/io.py", 1),
        ("stale", "note", "pyproject.toml", 1),
    ]


def test_paths_are_relative_and_percent_encoded_and_absolute_ones_are_file_uris() -> None:
    paths = ["a b#c?.py", "https://evil.example/x.py", "//evil.example/x.py", "/etc/x.py", "C:\\x\\y.py", "ä.py"]
    findings = tuple(finding("r", Level.ERROR, "m", path, 1) for path in paths)
    review = replace(shop_results()[0], evidence=Evidence(findings=findings))
    run = runs(build(FACTS, None, [review], Located()))["mypy"]
    assert [place(each)[0] for each in run["results"]] == [
        "a%20b%23c%3F.py",
        "https%3A//evil.example/x.py",
        "file:///evil.example/x.py",
        "file:///etc/x.py",
        "file:///C:/x/y.py",
        "%C3%A4.py",
    ]
    assert run["originalUriBaseIds"]["SRCROOT"]["uri"] == "file:///home/me/shop/"


def test_a_link_in_a_message_is_text() -> None:
    evil = finding("r", Level.ERROR, "[rule] [x](http://evil.example)", "a.py", 1)
    review = replace(shop_results()[0], evidence=Evidence(findings=(evil,)))
    (result,) = runs(report_of(review))["mypy"]["results"]
    assert result["message"]["text"] == r"[rule] \[x](http://evil.example)"


def test_with_a_baseline_results_are_new_unchanged_or_absent() -> None:
    review, test, _ = shop_results()
    kept, gone, new = (finding(rule, Level.ERROR, "m", "src/shop/cart.py", 41) for rule in ("kept", "gone", "new"))
    root = Path("/nowhere")
    before = replace(review, evidence=Evidence(findings=fingerprinted([kept, gone], root)))
    now = replace(review, evidence=Evidence(findings=fingerprinted([kept, new], root)))
    earlier = report_of(before, replace(test, outcome=Outcome.PASSED))
    found = runs(compared(report_of(now, test), earlier_of(earlier), tolerances={}, alone=()))
    states = {each["ruleId"]: each["baselineState"] for run in found.values() for each in run["results"]}
    assert states == {"kept": "unchanged", "new": "new", "gone": "absent", "failed": "new"}


def earlier_of(report: Report) -> Earlier:
    return msgspec.convert(msgspec.to_builtins(report), Earlier)


def test_an_agent_that_broke_did_not_finish_and_says_why() -> None:
    broken = Result(check=check(0, "pyproject.toml::mypy", "review"), outcome=Outcome.ERROR, message="no such option")
    run = runs(report_of(broken))["mypy"]
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    assert invocation["toolExecutionNotifications"] == [{"message": {"text": "mypy: no such option"}, "level": "error"}]
    (result,) = run["results"]
    assert (result["ruleId"], *place(result)) == ("error", "pyproject.toml", 1)


def test_a_test_that_hung_is_placed_where_it_was_seen_and_the_run_of_tests_has_finished() -> None:
    hung = Result(
        check=check(0, "t.py::test_a"),
        outcome=Outcome.TIMED_OUT,
        attempts=(attempt(0, 1, outcome=Outcome.TIMED_OUT),),
        message="ran into its time limit",
        evidence=Evidence(frames=(Frame("t.py", 9),)),
    )
    run = runs(report_of(hung))["pytest"]
    assert run["invocations"][0]["executionSuccessful"]
    assert (run["results"][0]["ruleId"], *place(run["results"][0])) == ("timed_out", "t.py", 9)


def test_a_failure_without_a_frame_is_placed_where_the_test_is_defined() -> None:
    crashed = Result(check=check(0, "t.py::test_a"), outcome=Outcome.CRASHED, message="exited with code 3")
    report = report_of(crashed)
    (result,) = runs(replace(report, checks=(replace(report.checks[0], line=12),)))["pytest"]["results"]
    assert (result["ruleId"], *place(result)) == ("crashed", "t.py", 12)


def test_agents_beyond_the_twentieth_share_the_last_run() -> None:
    results = [_reviewed(number, [f"m{number}"]) for number in range(30)]
    found = runs(report_of(*results))
    assert len(found) == sarif.MOST_RUNS
    assert [each["message"]["text"] for each in found[sarif.OTHERS]["results"]] == [f"m{n}" for n in range(19, 30)]


def test_the_gravest_results_are_kept_and_the_number_of_the_others_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_RESULTS", 2)
    run = runs(shop_report())["mypy"]
    assert [each["level"] for each in run["results"]] == ["error", "warning"]
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"].startswith("2 results left out")


def test_a_file_that_is_too_large_when_compressed_has_fewer_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_BYTES", 20_000)
    noise = random.Random(1)  # noqa: S311
    texts = ["".join(noise.choices(string.printable, k=1_000)) for _ in range(100)]
    content = sarif.render(report_of(_reviewed(0, texts)))
    assert len(gzip.compress(content)) <= 20_000
    (run,) = json.loads(content)["runs"]
    assert len(run["results"]) == 12 != len(texts)


def test_our_own_reader_of_sarif_finds_the_same() -> None:
    evidence = read(Output(exit_code=0, stdout=sarif.render(shop_report()).decode(), stderr=""), Path("/home/me/shop"))
    listed = [(each.rule, each.level, each.message, each.path) for each in evidence.findings]
    own = [(each.rule, each.level, each.message, each.path or "pyproject.toml") for each in _findings(shop_report())]
    assert listed == [*own, ("failed", "error", "test_total: ZeroDivisionError: division by zero", "src/shop/cart.py")]


def _findings(report: Report) -> list[Finding]:
    found = [each for entry in report.checks for each in entry.findings]
    return sorted(found, key=lambda each: -each.level.severity)  # type: ignore[arg-type]


def _reviewed(index: int, messages: Sequence[str]) -> Result:
    findings = tuple(finding("r", Level.ERROR, message, "a.py", 1) for message in messages)
    return Result(
        check=check(index, f"pyproject.toml::agent{index}", "review"),
        outcome=Outcome.FAILED,
        evidence=Evidence(findings=findings),
    )


@pytest.mark.slow
def test_what_github_refuses_is_never_written() -> None:
    noise = random.Random(2)  # noqa: S311
    texts = ["".join(noise.choices(string.printable, k=600)) for _ in range(26_000)]
    content = sarif.render(report_of(*(_reviewed(number, texts if number == 3 else texts[:1]) for number in range(25))))
    log = json.loads(content)
    assert len(gzip.compress(content)) <= 10_000_000
    assert len(log["runs"]) == 20
    assert 5_000 < max(len(run["results"]) for run in log["runs"]) < 25_000
