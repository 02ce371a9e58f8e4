from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_parallel_agents.model.results import Finding, Level
from pytest_parallel_agents.tool_formats import sarif
from pytest_parallel_agents.tool_formats.output import Output, Unreadable

Json = dict[str, object]


def read(
    root: Path,
    *results: Json,
    rules: list[Json] | None = None,
    tool: Json | None = None,
    driver: Json | None = None,
    **run: object,
) -> tuple[Finding, ...]:
    described = {"driver": {"name": "tool", "rules": rules or [], **(driver or {})}, **(tool or {})}
    log = {"version": "2.1.0", "runs": [{"tool": described, "results": results, **run}]}
    return sarif.read(Output(exit_code=0, stdout=json.dumps(log), stderr=""), root).findings


def result(uri: str = "a.py", /, **fields: object) -> Json:
    location = {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 3, "endLine": 4}}}
    return {"message": {"text": "m"}, "ruleId": "R1", "locations": [location], **fields}


def test_all_fields(tmp_path: Path) -> None:
    assert read(tmp_path, result(level="error")) == (
        Finding(rule="R1", level=Level.ERROR, message="m", path="a.py", line=3, end_line=4),
    )


def test_a_result_may_have_no_location(tmp_path: Path) -> None:
    (finding,) = read(tmp_path, {"message": {"text": "m"}})

    assert (finding.rule, finding.path, finding.line) == ("", None, None)


@pytest.mark.parametrize(
    ("fields", "level"),
    [
        ({"level": "note"}, Level.NOTE),
        ({"level": "none"}, Level.NOTE),
        ({}, Level.WARNING),
        ({"ruleId": "R2"}, Level.ERROR),
        ({"ruleId": "R2/sub"}, Level.ERROR),
        ({"ruleIndex": 1}, Level.ERROR),
        ({"rule": {"index": 1}}, Level.ERROR),
        ({"ruleId": "R2", "level": "note"}, Level.NOTE),
        ({"ruleId": "unlisted"}, Level.WARNING),
        ({"kind": "informational"}, Level.NOTE),
    ],
)
def test_levels(fields: Json, level: Level, tmp_path: Path) -> None:
    rules: list[Json] = [{"id": "R1"}, {"id": "R2", "defaultConfiguration": {"level": "error"}}]

    (finding,) = read(tmp_path, result(**fields), rules=rules)

    assert finding.level is level


def test_the_rule_may_be_named_by_index_alone(tmp_path: Path) -> None:
    (finding,) = read(tmp_path, {"message": {"text": "m"}, "ruleIndex": 0}, rules=[{"id": "R9"}])

    assert finding.rule == "R9"


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "pass"},
        {"kind": "notApplicable"},
        {"baselineState": "absent"},
        {"suppressions": [{"kind": "inSource"}]},
    ],
)
def test_what_is_no_finding(fields: Json, tmp_path: Path) -> None:
    assert read(tmp_path, result(**fields)) == ()


@pytest.mark.parametrize("statuses", [(), ("rejected",), ("underReview",), ("accepted", "rejected")])
def test_a_suppression_that_is_not_accepted_does_not_count(statuses: tuple[str, ...], tmp_path: Path) -> None:
    assert len(read(tmp_path, result(suppressions=[{"status": status} for status in statuses]))) == 1


@pytest.mark.parametrize(
    "fields", [{"baselineState": "unchanged"}, {"baselineState": "new"}, {"kind": "review"}, {"kind": "open"}]
)
def test_what_is_a_finding_all_the_same(fields: Json, tmp_path: Path) -> None:
    assert len(read(tmp_path, result(**fields))) == 1


@pytest.mark.parametrize(
    "region", [None, {}, {"startLine": 0}, {"startLine": 0, "endLine": 4}, {"charOffset": 7}, {"startLine": -3}]
)
def test_a_place_without_a_line_is_one(region: Json | None, tmp_path: Path) -> None:
    location = {"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": region}}

    (finding,) = read(tmp_path, result(locations=[location]))

    assert (finding.path, finding.line, finding.end_line) == ("a.py", None, None)


@pytest.mark.parametrize(
    ("invocation", "reason"),
    [
        ({"executionSuccessful": False}, "tool reports that it did not finish$"),
        (
            {"executionSuccessful": False, "toolExecutionNotifications": [{"message": {"text": "no licence"}}]},
            "tool reports that it did not finish: no licence$",
        ),
        (
            {"executionSuccessful": False, "processStartFailureMessage": "no such file"},
            "tool reports that it did not finish: no such file$",
        ),
        (
            {"toolExecutionNotifications": [{"level": "error", "message": {"text": "a.py: crash"}}]},
            "tool reports an error: a.py: crash$",
        ),
        (
            {"toolConfigurationNotifications": [{"level": "error", "message": {"id": "odd", "arguments": ["R7"]}}]},
            "tool reports an error: unknown rule R7$",
        ),
        (
            {"toolConfigurationNotifications": [{"level": "error", "descriptor": {"id": "CFG1"}}]},
            "tool reports an error: CFG1$",
        ),
    ],
)
def test_a_tool_that_did_not_do_all_of_its_work_is_unreadable(invocation: Json, reason: str, tmp_path: Path) -> None:
    notifications = [{"id": "CFG2", "messageStrings": {"odd": {"text": "unknown rule {0}"}}}]

    with pytest.raises(Unreadable, match=reason):
        read(tmp_path, result(), invocations=[{}, invocation], driver={"notifications": notifications})


def test_lesser_notifications_do_no_harm(tmp_path: Path) -> None:
    notifications = [{"message": {"text": "slow"}}, {"level": "warning", "message": {"text": "old"}}]
    invocation = {"executionSuccessful": True, "toolExecutionNotifications": notifications}

    assert len(read(tmp_path, result(), invocations=[invocation])) == 1


@pytest.mark.parametrize(
    "log", [{"inlineExternalProperties": [{}]}, {"runs": [{"externalPropertyFileReferences": {"results": []}}]}]
)
def test_results_that_stand_elsewhere_are_not_passed_over(log: Json, tmp_path: Path) -> None:
    runs = [{"tool": {"driver": {"name": "t"}}, **run} for run in log.get("runs", [{}])]  # type: ignore[attr-defined]

    with pytest.raises(Unreadable, match="external properties are not read"):
        sarif.read(
            Output(exit_code=0, stdout=json.dumps({"version": "2.1.0", **log, "runs": runs}), stderr=""), tmp_path
        )


@pytest.mark.parametrize("fields", [{"kind": "failure"}, {"level": "high"}, {"message": "m"}, {"locations": {}}])
def test_what_the_standard_does_not_know_is_unreadable(fields: Json, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r" - at `\$\.runs\[0\]\.results\[0\]\."):
        read(tmp_path, result(**fields))


def test_every_run_counts(tmp_path: Path) -> None:
    run = {"tool": {"driver": {"name": "t"}}, "results": [result()]}
    text = "\ufeff" + json.dumps({"version": "2.1.0", "runs": [run, run]})

    assert len(sarif.read(Output(exit_code=0, stdout=text, stderr=""), tmp_path).findings) == 2


@pytest.mark.parametrize("key", ["rules", "extensions", "artifacts", "invocations", "originalUriBaseIds", "taxonomies"])
def test_null_is_nothing(key: str, tmp_path: Path) -> None:
    place = {"rules": "driver", "extensions": "tool"}.get(key, "run")
    absent: dict[str, Any] = {name: {key: None} if name == place else {} for name in ("run", "tool", "driver")}
    nulls = {"level": None, "kind": None, "suppressions": None, "relatedLocations": None, "ruleIndex": None}

    (finding,) = read(tmp_path, result(**nulls), tool=absent["tool"], driver=absent["driver"], **absent["run"])

    assert finding.level is Level.WARNING


def test_a_run_may_have_no_results(tmp_path: Path) -> None:
    log = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}}]}

    assert sarif.read(Output(exit_code=0, stdout=json.dumps(log), stderr=""), tmp_path).findings == ()
