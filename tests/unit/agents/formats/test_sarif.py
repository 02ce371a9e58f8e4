from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_parallel_agents.agents.formats import sarif
from pytest_parallel_agents.agents.output import Output, Unreadable
from pytest_parallel_agents.model import Finding, Level

Json = dict[str, object]


def read(root: Path, *results: Json, rules: list[Json] | None = None, **run: object) -> tuple[Finding, ...]:
    driver = {"name": "tool", "rules": rules or []}
    log = {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results, **run}]}
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


def test_a_rejected_suppression_does_not_count(tmp_path: Path) -> None:
    assert len(read(tmp_path, result(suppressions=[{"status": "rejected"}]))) == 1


def test_file_uris_are_decoded_and_made_relative(tmp_path: Path) -> None:
    uri = (tmp_path / "a b" / "ü.py").as_uri()

    (finding,) = read(tmp_path, result(uri))

    assert finding.path == "a b/ü.py"


def test_base_ids_may_rest_on_others(tmp_path: Path) -> None:
    bases = {"ROOT": {"uri": f"{tmp_path.as_uri()}/"}, "SRC": {"uri": "src/", "uriBaseId": "ROOT"}}
    location = {"physicalLocation": {"artifactLocation": {"uri": "a.py", "uriBaseId": "SRC"}}}

    (finding,) = read(tmp_path, result(locations=[location]), originalUriBaseIds=bases)

    assert finding.path == "src/a.py"


def test_base_ids_in_a_circle_end(tmp_path: Path) -> None:
    bases = {"A": {"uri": "a/", "uriBaseId": "B"}, "B": {"uri": "b/", "uriBaseId": "A"}}
    location = {"physicalLocation": {"artifactLocation": {"uri": "x.py", "uriBaseId": "A"}}}

    (finding,) = read(tmp_path, result(locations=[location]), originalUriBaseIds=bases)

    assert finding.path is not None
    assert finding.path.endswith("a/x.py")


def test_an_artifact_may_be_named_by_index(tmp_path: Path) -> None:
    location = {"physicalLocation": {"artifactLocation": {"index": 1}}}
    artifacts = [{}, {"location": {"uri": "b.py"}}]

    (finding,) = read(tmp_path, result(locations=[location]), artifacts=artifacts)

    assert finding.path == "b.py"


def test_a_message_may_be_a_template_of_the_rule(tmp_path: Path) -> None:
    rules: list[Json] = [{"id": "R1", "messageStrings": {"default": {"text": "{0} shadows {1}"}}}]

    (finding,) = read(tmp_path, result(message={"id": "default", "arguments": ["a", "b"]}), rules=rules)

    assert finding.message == "a shadows b"


def test_a_run_that_did_not_finish_is_unreadable(tmp_path: Path) -> None:
    invocation = {"executionSuccessful": False, "toolExecutionNotifications": [{"message": {"text": "no licence"}}]}

    with pytest.raises(Unreadable, match="tool says that it did not finish: no licence"):
        read(tmp_path, invocations=[invocation])


def test_a_run_may_have_no_results(tmp_path: Path) -> None:
    log = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}}]}

    assert sarif.read(Output(exit_code=0, stdout=json.dumps(log), stderr=""), tmp_path).findings == ()
