from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from pytest_parallel_agents.agents.frames import traceback_frames
from pytest_parallel_agents.model import Frame

MODULE = """\
import json

def outer(text):
    return inner(text)

def inner(text):
    return json.loads(text)
"""


def test_frames_are_those_of_the_project_outermost_first(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(MODULE)
    spec = importlib.util.spec_from_file_location("module", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

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
