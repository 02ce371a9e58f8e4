from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.measurements import HotSpot, Measurement
from pytest_parallel_agents.model.results import Finding, Level
from pytest_parallel_agents.tool_formats import findings
from pytest_parallel_agents.tool_formats.output import Output, Unreadable

ROOT = Path("/root-of-the-project")
FULL = {"message": "m", "rule": "R", "level": "note", "path": "/root-of-the-project/a.py", "line": 3, "end_line": 4}
FULL_FINDING = Finding(rule="R", level=Level.NOTE, message="m", path="a.py", line=3, end_line=4)


def output(text: str, *, exit_code: int = 0, stderr: str = "") -> Output:
    return Output(exit_code=exit_code, stdout=text, stderr=stderr)


def test_findings_as_a_list() -> None:
    evidence = findings.read(output(json.dumps([FULL, {"message": "bare"}])), ROOT)

    assert evidence.findings == (FULL_FINDING, Finding(rule="", level=Level.ERROR, message="bare"))


def test_findings_with_measurements() -> None:
    spot = {"path": "./a.py", "line": 1, "function": "f", "calls": 2, "self_seconds": 0.5, "cumulative_seconds": 1.0}
    measurement = {"name": "n", "calls": 2, "cpu_seconds": 1, "wall_seconds": 1.5, "peak_bytes": None}
    document = {"findings": [FULL], "measurements": [{**measurement, "hot_spots": [spot]}]}

    evidence = findings.read(output(json.dumps(document)), ROOT)

    hot_spot = HotSpot(path="a.py", line=1, function="f", calls=2, self_seconds=0.5, cumulative_seconds=1.0)
    assert evidence.findings == (FULL_FINDING,)
    assert evidence.measurements == (
        Measurement(name="n", calls=2, cpu_seconds=1.0, wall_seconds=1.5, peak_bytes=None, hot_spots=(hot_spot,)),
    )


def test_an_object_without_findings_is_none() -> None:
    with pytest.raises(Unreadable, match=r"it is an object without findings; its keys are finding$"):
        findings.read(output('{"finding": []}'), ROOT)


def test_remarks_beside_the_findings_do_no_harm() -> None:
    text = json.dumps({"summary": "one problem", "score": 3, "more": [], "findings": [FULL]})

    assert findings.read(output(text), ROOT).findings == (FULL_FINDING,)


@pytest.mark.parametrize("word", ["error", "is_error", "status"])
def test_findings_beside_an_error_are_not_all(word: str) -> None:
    value = {"error": "rate limited", "is_error": True, "status": "failed"}[word]

    with pytest.raises(Unreadable, match=r"^it reports an error: "):
        findings.read(output(json.dumps({"findings": [FULL], word: value})), ROOT)


@pytest.mark.parametrize(
    ("remark", "found", "reason"),
    [
        ({"truncated": True}, [FULL], '"truncated" is true$'),
        ({"Complete": False}, [], '"Complete" is false$'),
        ({"success": False}, [], '"success" is false, and it names no finding'),
        ({"approved": False}, [], '"approved" is false, and it names no finding'),
    ],
)
def test_an_answer_may_not_contradict_itself(remark: dict[str, bool], found: list[object], reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        findings.read(output(json.dumps({"findings": found, **remark})), ROOT)


@pytest.mark.parametrize("remark", [{"ok": False}, {"truncated": False}, {"complete": True}, {"complete": "no"}])
def test_remarks_that_agree_with_the_findings(remark: dict[str, object]) -> None:
    assert findings.read(output(json.dumps({"findings": [FULL], **remark})), ROOT).findings == (FULL_FINDING,)


@pytest.mark.parametrize("exit_code", [2, 130])
def test_an_exit_code_that_is_no_verdict_puts_an_answer_in_question(exit_code: int) -> None:
    with pytest.raises(Unreadable, match="its answer may not be whole"):
        findings.read(output(json.dumps([FULL]), exit_code=exit_code), ROOT)


def test_an_exit_code_may_mean_that_there_are_findings() -> None:
    assert findings.read(output(json.dumps([FULL]), exit_code=1), ROOT).findings == (FULL_FINDING,)


@pytest.mark.parametrize(
    "text",
    [
        "Here is what I found:\n\n```json\n{}\n```\n\nLet me know if you need more.",
        "```\n{}\n```",
        "~~~~json\n  {}\n~~~~",
        "I looked at `[0]` and [the manual](x).\n{}\nThat is [all].\n",
        "- [ ] not this\n[ ] nor this\n[note] nor this\n{}",
        'It had read\n{{"verdict": "fine", "list": [\n[]\n]}}\nbefore.\r\n{}\r\n',
    ],
)
@pytest.mark.parametrize("answer", [[FULL], {"findings": [FULL]}])
@pytest.mark.parametrize("indent", [None, 2])
def test_text_for_people_may_stand_around_it(text: str, answer: object, indent: int | None) -> None:
    said = text.replace("{{", "{").replace("}}", "}") if "{{" in text else text
    filled = said.replace("{}", json.dumps(answer, indent=indent))

    assert findings.read(output(filled), ROOT).findings == (FULL_FINDING,)


def test_nothing_found_may_be_reported_in_a_fence() -> None:
    assert findings.read(output('All is well.\n```json\n{"findings": []}\n```\n'), ROOT).findings == ()


@pytest.mark.parametrize(
    "text",
    [
        "All is well.",
        "{}\n```",
        "```json\n{}\n```",
        "[ ] is a checkbox",
        "if nothing were wrong I would say []",
        'The format is {"findings": []}.',
        "{}",
        '{"state": "failed",\n"errors":\n[]\n}',
        '{"status": "failed",\n"errors":\n[]\n',
        '```json\n[\n{"message": "one"},\n{"message": "tw',
        '```json\n{"findings": [{"message": "use\n[]\ninstead"}]}\n```',
        "[]\nor rather\n[]\n",
        "429 Too Many Requests. Fallback models tried:\n[]\n",
        'They are:\n[{"message": "m"}, {"mesage": "m"}]\n',
        '{"findings": 3}',
        '{"findings": null}',
        '{"findings": ["m"]}',
        '{"findings": [{"message": 1}]}',
        '{"findings": [{"message": "m", "path": ["a.py"]}]}',
        '{"findings": [], "more": [{"message": "m"}]}',
        '{"findings": [], "issues": {"high": 1}}',
        '{"measurements": {}}',
        '[{"message": "m"}, {}]',
        '```json\n{"findings": [{"mesage": "m"}]}\n```',
        '```json\n{"finding": []}\n```',
        "[" * 100_000,
        "here:\n[{" + '"a":[{' * 100_000,
    ],
)
def test_what_is_no_answer_or_not_a_whole_one_is_never_taken_for_a_clean_one(text: str) -> None:
    with pytest.raises(Unreadable, match=r"^its output cannot be read: "):
        findings.read(output(text), ROOT)


@given(st.integers(0, 200))
def test_no_part_of_an_answer_is_an_answer(length: int) -> None:
    answer = json.dumps({"findings": [FULL, {"message": "[]\n{}"}], "measurements": []}, indent=1)

    with pytest.raises(Unreadable):
        findings.read(output("Here:\n" + answer[: min(length, len(answer) - 1)]), ROOT)


def test_lines_that_cannot_be_are_none() -> None:
    lines = [{"line": 0}, {"line": -1, "end_line": 3}, {"line": 3, "end_line": 2}, {"end_line": 2}]
    text = json.dumps([{"message": "m", **line} for line in lines])

    assert [(found.line, found.end_line) for found in findings.read(output(text), ROOT).findings] == [
        *((None, None), (None, None), (3, None), (None, None))
    ]
