from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio
import jsonschema
import msgspec
import pytest

from pytest_parallel_agents.cli.mcp.tools import TOOLS, call_tool, schema
from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry, FailureEntry
from pytest_parallel_agents.reports.last_report import keep_report
from pytest_parallel_agents.reports.report import Report
from tests.unit.reports.samples import shop_report

MOST = 16_000
HOSTILE = "\x1b[2J\u202e\0\ud800</script>`\N{FACE WITH TEARS OF JOY}\n" * 400


def kept(root: Path, report: Report) -> None:
    run = msgspec.structs.replace(report.run, root=root.as_posix())
    keep_report(msgspec.structs.replace(report, run=run), in_cache=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    kept(tmp_path, shop_report())
    return tmp_path


def called(root: Path, name: str, **arguments: Any) -> tuple[str, dict[str, Any]]:
    """Text and structure of the answer, which is bounded and fits its schema."""
    answer = anyio.run(call_tool, root, name, arguments)
    encoded = msgspec.json.encode(answer.content)
    content: dict[str, Any] = json.loads(encoded)
    jsonschema.validate(content, schema(TOOLS[name].answer))
    assert len(answer.text.encode()) + len(encoded) <= MOST
    following = content["next"]
    assert answer.text.splitlines()[-1].startswith(f"Next: {following['tool']} {{")
    msgspec.convert(following["arguments"], TOOLS[following["tool"]].arguments)
    return answer.text, content


def many_checks(number: int, text: str) -> Report:
    """A report whose checks all fail with that text, as name and message, too."""
    report = shop_report()
    base = report.checks[1]
    failure = FailureEntry(text=text, sections=())
    checks = tuple(
        msgspec.structs.replace(base, nodeid=f"tests/test_{n}.py::{text}", message=text, failure=failure)
        for n in range(number)
    )
    return msgspec.structs.replace(report, checks=checks)


def failed(text: str) -> CheckEntry:
    return msgspec.structs.replace(shop_report().checks[1], failure=FailureEntry(text=text, sections=()))


@pytest.mark.parametrize("name", TOOLS)
def test_schemas_are_objects_and_valid(name: str) -> None:
    for shape in (TOOLS[name].arguments, TOOLS[name].answer):
        made = schema(shape)
        jsonschema.Draft202012Validator.check_schema(made)
        assert made["type"] == "object"
    assert schema(TOOLS[name].arguments)["additionalProperties"] is False


@pytest.mark.parametrize(
    ("name", "arguments", "fault"),
    [
        ("walk", {}, "there is no tool walk (call one of run, last_report, explain, plan)"),
        ("run", {"selection": []}, "run: Object contains unknown field `selection` (arguments: select, keyword"),
        ("run", {"select": "tests"}, "run: Expected `array`, got `str` - at `$.select`"),
        ("run", {"timeout": 0}, "run: Expected `float` > 0"),
        ("run", {"timeout": 1e9}, "run: Expected `float` <= 3600"),
        ("run", {"select": ["-x"]}, "select: -x begins like an option"),
        ("plan", {"keyword": "--pdb"}, "keyword: --pdb begins like an option"),
        ("last_report", {"include": {"outcome": ["red"]}}, "last_report: Invalid enum value 'red'"),
        ("last_report", {"start": -1}, "last_report: Expected `int` >= 0"),
        ("explain", {}, "explain: Object missing required field `what` (arguments: what, start)"),
        ("explain", {"what": "nothing"}, "the last report has no check and no cause nothing"),
    ],
)
def test_mistakes_are_readable(root: Path, name: str, arguments: dict[str, Any], fault: str) -> None:
    with pytest.raises(AgentsError) as refused:
        called(root, name, **arguments)

    assert str(refused.value).startswith(fault)


def test_without_a_report_the_remedy_is_to_run(tmp_path: Path) -> None:
    with pytest.raises(AgentsError, match="run pytest --agents first"):
        called(tmp_path, "last_report")


def test_checks_are_listed_with_their_findings(root: Path) -> None:
    text, content = called(root, "last_report", include={"path": ["src"]}, exclude={"level": ["note"]})

    assert text.splitlines()[:5] == [
        "failed: 2 failed, 1 passed of 3 checks in 15.5 s",
        "1 check and 2 findings are selected; from row 0:",
        "failed pyproject.toml::mypy [review]: 2 errors",
        '  src/shop/cart.py:41: error attr-defined: "int" has no attribute "rate"; maybe "rates"?',
        "  src/shop/io.py:1: warning F401: `os` imported but unused",
    ]
    assert (content["checks"], content["findings"], len(content["rows"])) == (1, 2, 3)
    assert content["next"]["arguments"] == {"what": "pyproject.toml::mypy"}


def test_pages_follow_each_other_and_leave_nothing_out(tmp_path: Path) -> None:
    kept(tmp_path, many_checks(300, "long" * 20))
    arguments: dict[str, Any] = {"include": {"outcome": ["failed"]}}
    seen = []
    while "include" in arguments:
        _, content = called(tmp_path, "last_report", **arguments)
        seen += [row["nodeid"] for row in content["rows"]]
        arguments = content["next"]["arguments"]

    assert seen == [f"tests/test_{n}.py::{'long' * 20}" for n in range(300)]


@pytest.mark.parametrize("what", ["tests/test_cart.py::test_total", "mypy", "1"])
def test_one_is_explained_and_then_run_again(root: Path, what: str) -> None:
    text, content = called(root, "explain", what=what)

    assert content["lines"] == text.split("\n")[:-2]
    assert content["next"]["tool"] == "run"
    assert content["next"]["arguments"]["select"]


def test_a_long_explanation_goes_on_in_the_next_call(tmp_path: Path) -> None:
    long = "".join(f"line {n}\n" for n in range(2000)) + "x" * 20_000
    kept(tmp_path, msgspec.structs.replace(shop_report(), checks=(failed(long),)))
    arguments: dict[str, Any] = {"what": "test_total"}
    lines = []
    while "what" in arguments:
        _, content = called(tmp_path, "explain", **arguments)
        lines += content["lines"]
        arguments = content["next"]["arguments"]

    assert len(lines) == content["lines_in_all"]
    assert [line for line in lines if line.startswith("line ")] == [f"line {n}" for n in range(2000)]
    assert sum(line.count("x") for line in lines if set(line) == {"x"}) == 20_000


@pytest.mark.parametrize(
    ("name", "arguments", "report"),
    [
        ("last_report", {}, many_checks(40, HOSTILE)),
        ("explain", {"what": "total"}, many_checks(40, HOSTILE)),
        ("explain", {"what": "test_total"}, msgspec.structs.replace(shop_report(), checks=(failed(HOSTILE),))),
    ],
    ids=["list", "cause", "check"],
)
def test_hostile_texts_are_escaped_and_bounded(
    tmp_path: Path, name: str, arguments: dict[str, Any], report: Report
) -> None:
    kept(tmp_path, report)

    text, content = called(tmp_path, name, **arguments)

    assert all(char.isprintable() or char == "\n" for char in text)
    assert "\x1b" not in json.dumps(content, ensure_ascii=False)
