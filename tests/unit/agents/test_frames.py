from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from pytest_parallel_agents.agents.frames import traceback_frames
from pytest_parallel_agents.model.results import Frame

MODULE = """\
import json

def outer(text):
    return inner(text)

def inner(text):
    return json.loads(text)
"""


def imported(text: str, folder: Path) -> Any:
    path = folder / "module.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location("module", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("how", ["from error", "from None", ""])
def test_what_was_caught_and_raised_as_another_error_is_followed_to_its_origin(tmp_path: Path, how: str) -> None:
    text = f"""\
def outer(values):
    try:
        return inner(values)
    except IndexError as error:
        raise ValueError("none") {how}

def inner(values):
    return values[0]
"""
    with pytest.raises(ValueError, match="none") as caught:
        imported(text, tmp_path).outer([])

    assert [frame.line for frame in traceback_frames(caught.value, tmp_path)] == [5, 3, 8]


def test_what_was_caught_elsewhere_is_not_followed(tmp_path: Path) -> None:
    text = """\
def outer(values):
    try:
        values[0]
    except IndexError:
        inner(values)

def inner(values):
    raise ValueError("none")
"""
    with pytest.raises(ValueError, match="none") as caught:
        imported(text, tmp_path).outer([])

    assert [frame.line for frame in traceback_frames(caught.value, tmp_path)] == [5, 8]


def test_a_group_of_errors_is_followed_into_its_first(tmp_path: Path) -> None:
    text = """\
def outer():
    errors = []
    for call in (inner, inner):
        try:
            call()
        except KeyError as error:
            errors.append(error)
    raise ExceptionGroup("two", errors)

def inner():
    raise KeyError("a")
"""
    with pytest.raises(ExceptionGroup) as caught:
        imported(text, tmp_path).outer()

    assert [frame.line for frame in traceback_frames(caught.value, tmp_path)] == [8, 5, 11]


def test_frames_are_those_of_the_project_outermost_first(tmp_path: Path) -> None:
    module = imported(MODULE, tmp_path)

    with pytest.raises(json.JSONDecodeError) as caught:
        module.outer("{")

    assert traceback_frames(caught.value, tmp_path) == (Frame("module.py", 4), Frame("module.py", 7))


def test_an_error_that_was_never_raised_has_no_frames(tmp_path: Path) -> None:
    assert traceback_frames(ValueError(), tmp_path) == ()


def test_a_syntax_error_is_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text("fine = 1\n\ndef wrong(:\n")
    with pytest.raises(SyntaxError) as caught:
        compile(path.read_text(), str(path), "exec")
    assert traceback_frames(caught.value, tmp_path) == (Frame("module.py", 3),)


HOOKS = """\
import pluggy

spec, hook = pluggy.HookspecMarker("it"), pluggy.HookimplMarker("it")

class Specification:
    @spec
    def run(self, test): ...

class Around:
    @hook(wrapper=True)
    def run(self, test):
        return (yield)

class Runs:
    @hook
    def run(self, test):
        test()

def manager(*plugins):
    made = pluggy.PluginManager("it")
    made.add_hookspecs(Specification)
    for plugin in plugins:
        made.register(plugin)
    return made
"""


def test_hooks_around_a_test_are_left_out_unless_they_fail_themselves(tmp_path: Path) -> None:
    module = imported(HOOKS + "\ndef fails():\n    raise KeyError\n", tmp_path)
    with pytest.raises(KeyError) as caught:
        module.manager(module.Runs(), module.Around()).hook.run(test=module.fails)
    assert [frame.line for frame in traceback_frames(caught.value, tmp_path)] == [27]

    with pytest.raises(TypeError) as broken:
        module.manager(module.Runs(), module.Around()).hook.run(test=None)
    assert [frame.line for frame in traceback_frames(broken.value, tmp_path)] == [12, 17]
