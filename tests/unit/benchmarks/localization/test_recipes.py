from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.localization.faults import Change, Function
from benchmarks.localization.recipes import RecipeError, read_recipes

TOML = """\
[[bugs]]
name = "stack-1"
tree = "trees/stack-1"
failing = ["test_stack.py::test_pop"]
imports = ["."]
arguments = ["-q"]

[[bugs.changes]]
path = "stack.py"
lines = [3, 4]

[[bugs.changes]]
path = "stack.py"
lines = [1]
function = "Stack"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    tree = tmp_path / "trees" / "stack-1"
    tree.mkdir(parents=True)
    (tree / "stack.py").write_text("class Stack:\n    def pop(self):\n        x = 1\n        return x\n")
    return tmp_path


def recipe(home: Path, text: str, name: str = "bugs.toml") -> Path:
    file = home / name
    file.write_text(text)
    return file


def with_changes(**bug: Any) -> str:
    given: dict[str, Any] = {"name": "stack-1", "tree": "trees/stack-1", "failing": ["test_stack.py::test_pop"]}
    given |= {"changes": [{"path": "stack.py", "lines": [3]}]}
    return json.dumps({"bugs": [{**given, **bug}]})


def test_a_bug_becomes_a_trial(home: Path) -> None:
    [trial] = read_recipes(recipe(home, TOML))
    assert trial.fault.name == trial.fault.group == "stack-1"
    assert trial.fault.changes == (
        Change(function=Function("stack.py", "Stack.pop"), lines=frozenset({3, 4})),
        Change(function=Function("stack.py", "Stack"), lines=frozenset({1})),
    )
    assert trial.tree.folder == home / "trees" / "stack-1"
    assert (trial.tree.imports, trial.tree.arguments) == ((".",), ("-q",))
    assert trial.failing == frozenset({"test_stack.py::test_pop"})


def test_json_says_the_same(home: Path) -> None:
    [trial] = read_recipes(recipe(home, with_changes(group="stack"), "bugs.json"))
    assert trial.fault.group == "stack"
    assert trial.fault.functions == {Function("stack.py", "Stack.pop")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", r"bugs\.json: .*truncated"),
        ("{}", r"bugs\.json: .*`bugs`"),
        (with_changes(tree="gone"), r"bugs\.json: stack-1: tree: there is no folder .*gone"),
        (with_changes(tres="x"), r"bugs\.json: .*`tres`"),
        (with_changes(failing=[]), r"bugs\.json: .*\$\.bugs\[0\]\.failing"),
        (with_changes(python="bin/python"), r"stack-1: python: there is no .*bin/python"),
        (with_changes(changes=[{"path": "x.py", "lines": [1]}]), r"changes: there is no file .*x\.py"),
        (with_changes(changes=[{"path": "stack.py", "lines": [9]}]), r"stack\.py has 5 lines, not 9"),
        (with_changes(changes=[{"path": "stack.py", "lines": []}]), r"\$\.bugs\[0\]\.changes\[0\]\.lines"),
    ],
)
def test_a_mistake_is_shown_with_file_and_key(home: Path, text: str, expected: str) -> None:
    with pytest.raises(RecipeError, match=expected):
        read_recipes(recipe(home, text, "bugs.json"))


def test_a_file_that_is_no_toml_is_refused(home: Path) -> None:
    with pytest.raises(RecipeError, match=r"bugs\.toml: "):
        read_recipes(recipe(home, "bugs = ["))
