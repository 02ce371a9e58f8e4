"""Which rule a result breaks, and what that says of its level and its message."""

from __future__ import annotations

import msgspec
import pytest

from pytest_parallel_agents.model.results import Level
from pytest_parallel_agents.tool_formats.sarif.rules import Rules
from pytest_parallel_agents.tool_formats.sarif.shape import Result, Run

Json = dict[str, object]
GUIDS = ("AAAAAAAA-1111-4111-8111-111111111111", "aaaaaaaa-2222-4222-8222-222222222222")


def described(name: str, level: str | None = None, /, **fields: object) -> Json:
    return {"id": name, **({"defaultConfiguration": {"level": level}} if level else {}), **fields}


RUN: Json = {
    "tool": {
        "driver": {"name": "driver", "rules": [described("R1"), described("R2", "error"), described("R2/b", "note")]},
        "extensions": [
            {"name": "first", "rules": [described("X1", "note"), described("X2", "error")]},
            {"name": "second", "guid": GUIDS[0], "rules": [described("X1", "error", guid=GUIDS[1]), described("X3")]},
        ],
    }
}


def level(result: Json, **run: object) -> Level:
    return Rules(msgspec.convert({**RUN, **run}, Run)).level(msgspec.convert(result, Result))


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"ruleId": "R1"}, Level.WARNING),
        ({"ruleId": "R2"}, Level.ERROR),
        ({"ruleId": "R2/a"}, Level.ERROR),
        ({"ruleId": "R2/b/c"}, Level.NOTE),
        ({"ruleId": "R22"}, Level.WARNING),
        ({"ruleIndex": 1}, Level.ERROR),
        ({"ruleIndex": 7}, Level.WARNING),
        ({"ruleId": "R2/sub", "ruleIndex": 1}, Level.ERROR),
        ({"ruleId": "R1", "ruleIndex": 1}, Level.ERROR),
        ({"ruleId": "other", "ruleIndex": 1}, Level.ERROR),
        ({"rule": {"index": 1}}, Level.ERROR),
        ({"rule": {"id": "R2"}}, Level.ERROR),
        ({"ruleId": "X2"}, Level.ERROR),
        ({"ruleId": "X2/sub"}, Level.ERROR),
        ({"ruleId": "X1", "rule": {"index": 0, "toolComponent": {"index": 0}}}, Level.NOTE),
        ({"ruleId": "X1", "rule": {"index": 0, "toolComponent": {"index": 1}}}, Level.ERROR),
        ({"ruleId": "X1", "rule": {"toolComponent": {"index": 1}}}, Level.ERROR),
        ({"ruleIndex": 1, "rule": {"toolComponent": {"index": 0}}}, Level.ERROR),
        ({"rule": {"id": "X1", "toolComponent": {"name": "second"}}}, Level.ERROR),
        ({"rule": {"id": "X1", "toolComponent": {"guid": GUIDS[0].lower()}}}, Level.ERROR),
        ({"rule": {"guid": GUIDS[1].upper()}}, Level.ERROR),
        ({"rule": {"id": "X2", "toolComponent": {"index": 9}}}, Level.ERROR),
        ({"rule": {"id": "R2", "toolComponent": {"name": "driver"}}}, Level.ERROR),
        ({"rule": {"id": "unlisted", "toolComponent": {"index": 0}}}, Level.WARNING),
        ({"ruleId": "R2", "level": "note"}, Level.NOTE),
        ({"ruleId": "R2", "level": "none"}, Level.NOTE),
        ({"ruleId": "R2", "kind": "open"}, Level.NOTE),
        ({}, Level.WARNING),
    ],
)
def test_levels_of_rules(result: Json, expected: Level) -> None:
    assert level(result) is expected


def override(level: str | None, **descriptor: object) -> Json:
    return {"descriptor": descriptor, "configuration": {"level": level} if level else {"enabled": False}}


OVERRIDES = [
    override("error", id="R1"),
    override("note", index=1),
    override("error", id="X1", toolComponent={"index": 0}),
    override(None, id="X2", toolComponent={"index": 0}),
]


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"ruleId": "R1"}, Level.ERROR),
        ({"ruleId": "R1/sub"}, Level.ERROR),
        ({"ruleId": "R2"}, Level.NOTE),
        ({"ruleId": "R2", "level": "error"}, Level.ERROR),
        ({"ruleId": "X1", "rule": {"toolComponent": {"index": 0}}}, Level.ERROR),
        ({"ruleId": "X2"}, Level.ERROR),
        ({"ruleId": "X3"}, Level.WARNING),
        ({"ruleId": "unlisted"}, Level.WARNING),
        ({"ruleId": "R1", "provenance": {"invocationIndex": 0}}, Level.ERROR),
        ({"ruleId": "R1", "provenance": {"invocationIndex": 1}}, Level.WARNING),
        ({"ruleId": "R1", "provenance": {"invocationIndex": 7}}, Level.WARNING),
        ({"ruleId": "R1", "kind": "review"}, Level.NOTE),
    ],
)
def test_levels_that_were_configured_otherwise(result: Json, expected: Level) -> None:
    assert level(result, invocations=[{"ruleConfigurationOverrides": OVERRIDES}, {}]) is expected


@pytest.mark.parametrize(
    ("result", "name"),
    [
        ({"ruleId": "R2/sub", "ruleIndex": 1}, "R2/sub"),
        ({"rule": {"id": "R2"}}, "R2"),
        ({"ruleIndex": 1}, "R2"),
        ({"ruleIndex": 1, "rule": {"toolComponent": {"index": 0}}}, "X2"),
        ({}, ""),
    ],
)
def test_names(result: Json, name: str) -> None:
    assert Rules(msgspec.convert(RUN, Run)).name(msgspec.convert(result, Result)) == name


TOLD: Json = {
    "tool": {
        "driver": {
            "name": "driver",
            "globalMessageStrings": {"shared": {"text": "shared by {0}"}},
            "rules": [
                described(
                    "R1", messageStrings={"default": {"text": "{0} shadows {1}"}, "rich": {"markdown": "**{0}**"}}
                ),
                described("R2", shortDescription={"text": "what it is about"}),
                described("R3", name="NoTabs"),
            ],
        }
    }
}


@pytest.mark.parametrize(
    ("rule", "message", "text"),
    [
        ("R1", {"text": "plain", "markdown": "*rich*"}, "plain"),
        ("R1", {"markdown": "*rich*"}, "*rich*"),
        ("R1", {"id": "default", "arguments": ["a", "b"]}, "a shadows b"),
        ("R1", {"id": "default", "arguments": ["{1}", "b"]}, "{1} shadows b"),
        ("R1", {"id": "default", "arguments": ["a"]}, "a shadows {1}"),
        ("R1", {"id": "rich", "arguments": ["a"]}, "**a**"),
        ("R1", {"id": "shared", "arguments": ["all"]}, "shared by all"),
        ("R1", {"id": "unlisted"}, "unlisted"),
        ("R1", {"text": "{{0}} is {0}", "arguments": ["a"]}, "{0} is a"),
        ("R1", {"text": "a {0} without arguments"}, "a {0} without arguments"),
        ("R1", {"text": "from [user input](1) to [b](2)"}, "from user input to b"),
        ("R1", {"text": "x[0](1) and [page](https://host)"}, "x0 and [page](https://host)"),
        ("R2", {}, "what it is about"),
        ("R2", {"text": " "}, "what it is about"),
        ("R3", {}, "NoTabs"),
        ("R9", {}, "R9"),
        ("", {}, "no message"),
    ],
)
def test_messages(rule: str, message: Json, text: str) -> None:
    result = msgspec.convert({"ruleId": rule, "message": message}, Result)

    assert Rules(msgspec.convert(TOLD, Run)).message(result) == text
