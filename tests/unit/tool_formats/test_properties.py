"""No output breaks a reader, and nothing in an output that can be read gets lost."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.model.results import Finding
from pytest_parallel_agents.tables import Table
from pytest_parallel_agents.tool_formats import findings, sarif
from pytest_parallel_agents.tool_formats.output import Output, Reader, Unreadable
from pytest_parallel_agents.tool_formats.registry import FORMATS

ROOT = Path("/root-of-the-project")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))


def read(reader: Reader, text: str, sent: str = "") -> tuple[Finding, ...] | None:
    """What was found; None for what cannot be read."""
    try:
        return reader(Output(exit_code=0, stdout=text, stderr="", sent=sent), ROOT).findings
    except Unreadable:
        return None


def configured(name: str) -> Reader:
    table = Table({"pattern": r"(?P<path>\S+):(?P<line>\d+)", "path-map": {"/x": "y"}}, where="t", faults=[])
    return FORMATS[name](table)


KEYS = {
    "findings": ["findings", "measurements", "message", "path", "line", "level", "type", "result", "content", "error"],
    "jsonlines": ["message", "path", "line", "end_line", "level", "rule", "severity"],
    "gitlab": ["description", "location", "path", "lines", "begin", "positions", "severity"],
    "sarif": ["version", "runs", "tool", "driver", "results", "message", "text", "locations", "invocations", "rules"],
    "regex": [],
    "exit-code": [],
}


@pytest.mark.parametrize("name", FORMATS)
def test_any_value_is_read_or_refused(name: str) -> None:
    keys = st.sampled_from([*KEYS[name], ""])
    tree = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4))

    @given(tree, texts, texts)
    def is_read_or_refused(value: object, before: str, after: str) -> None:
        read(configured(name), json.dumps(value))
        read(configured(name), f"{before}\n{json.dumps(value)}\n{after}")

    is_read_or_refused()


LOG: dict[str, Any] = {
    "version": "2.1.0",
    "runs": [
        {
            "tool": {
                "driver": {"name": "t", "rules": [{"id": "R", "defaultConfiguration": {"level": "error"}}]},
                "extensions": [{"name": "x", "rules": [{"id": "X", "messageStrings": {"m": {"text": "{0}"}}}]}],
            },
            "artifacts": [{"location": {"uri": "a.py", "uriBaseId": "B"}}],
            "originalUriBaseIds": {"B": {"uri": "file:///b/"}},
            "invocations": [
                {
                    "executionSuccessful": True,
                    "toolExecutionNotifications": [{"level": "note", "message": {"text": "n"}}],
                    "ruleConfigurationOverrides": [{"descriptor": {"index": 0}, "configuration": {"level": "note"}}],
                }
            ],
            "results": [
                {
                    "ruleId": "R",
                    "ruleIndex": 0,
                    "message": {"text": "one"},
                    "locations": [{"physicalLocation": {"artifactLocation": {"index": 0}, "region": {"startLine": 1}}}],
                },
                {
                    "rule": {"id": "X", "index": 0, "toolComponent": {"index": 0}},
                    "message": {"id": "m", "arguments": ["two"]},
                    "locations": [{"physicalLocation": {"artifactLocation": {"uri": "file:///c%20d.py"}}}],
                },
            ],
        }
    ],
}
ANSWER = {"findings": [{"message": "one", "path": "a.py", "line": 1}, {"message": "two", "level": "note", "rule": "R"}]}


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The way to each value within a value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [deeper for key, inner in pairs for deeper in ((*path, key), *places(inner, (*path, key)))]


def mutated(value: Any, path: tuple[str | int, ...], other: object) -> Any:
    changed = copy.deepcopy(value)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = other
    return changed


def is_within_results(path: tuple[str | int, ...]) -> bool:
    return "results" in path[:-1] or "findings" in path[:-1]


@pytest.mark.parametrize(("reader", "document"), [(sarif.read, LOG), (findings.read, ANSWER)])
def test_a_finding_with_something_odd_in_it_is_not_lost(reader: Reader, document: object) -> None:
    @given(st.sampled_from(places(document)), scalars | values)
    def is_not_lost(path: tuple[str | int, ...], other: object) -> None:
        found = read(reader, json.dumps(mutated(document, path, other)))

        assert found is None or len(found) == 2 or not is_within_results(path)

    is_not_lost()


LINES = ("text", "```json", "```", "{", "}", "[]", "{'a': 1}", '{"a": 1}', "- x", "")


@given(st.lists(st.sampled_from(LINES), max_size=6))
def test_an_answer_is_found_whatever_came_before(lines: list[str]) -> None:
    text = "\n".join([*lines, json.dumps(ANSWER)])

    found = read(findings.read, text)

    assert found is None or [finding.message for finding in found] == ["one", "two"]


@given(st.integers(0, 60), st.sampled_from([None, 1]))
def test_no_part_of_an_answer_is_one(left_out: int, indent: int | None) -> None:
    text = json.dumps({"findings": [{"message": '{"findings": []}\n[]'}], "measurements": []}, indent=indent)

    assert read(findings.read, f"Here:\n{text[: max(0, len(text) - 1 - left_out)]}") is None


@given(texts, texts, st.booleans())
def test_nothing_that_was_sent_is_found(before: str, after: str, cut: bool) -> None:  # noqa: FBT001 - hypothesis's
    prompt = f'{before}\nAnswer as in\n{json.dumps(ANSWER)}\nor with\n{{"findings": []}}\nwhen all is well.\n{after}'
    echo = prompt[: len(prompt) // 2] if cut else prompt

    assert read(findings.read, f"{echo}\nno more credit\n", prompt) is None


def test_the_strategies_reach_the_findings() -> None:
    """What the properties above speak of is read as long as nothing is changed."""
    readers: list[Callable[[str], tuple[Finding, ...] | None]] = [
        lambda text: read(findings.read, text),
        lambda text: read(sarif.read, text),
    ]

    found = [reader(json.dumps(value)) or () for reader, value in zip(readers, (ANSWER, LOG), strict=True)]

    assert [len(each) for each in found] == [2, 2]
