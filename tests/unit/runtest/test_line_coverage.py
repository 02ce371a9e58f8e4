"""Which lines are recorded, by whatever this interpreter offers."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from pytest_parallel_agents.runtest.line_coverage import CannotRecord, LineCoverage
from pytest_parallel_agents.runtest.line_recorder import line_recorder

SOURCE = """\
def double(x):
    if x > 3:
        x = 0
    return 2 * x

class Thing:
    size = double(1)

    def __repr__(self):
        return "thing"

short = lambda: double(5)

def counting():
    yield 1
    yield 2

def passing_on(argument):
    try:
        return double(argument)
    except KeyError:
        return None
    finally:
        double(1)

def insisting():
    for argument in ("a", "b", None):
        try:
            double(argument)
        except TypeError as error:
            if argument is None:
                raise

class Refused(Exception):
    def __init__(self, thing):
        super().__init__(
            repr(thing))

def refuse(thing):
    if thing:
        raise Refused(thing)

def refuse_again(thing):
    try:
        refuse(thing)
    except Refused:
        double(1)
    refuse(thing)
"""


@pytest.fixture
def module() -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "project"}
    exec(compile(SOURCE, "/project/code.py", "exec"), names)  # noqa: S102
    return names


@pytest.fixture
def coverage() -> Iterator[LineCoverage]:
    recorder = line_recorder(lambda name: "code.py" if name.endswith("/code.py") else None)
    yield recorder
    if sys.version_info >= (3, 12):
        free = [number for number in range(6) if sys.monitoring.get_tool(number) == "pytest-parallel-agents"]
        for number in free:
            sys.monitoring.set_events(number, 0)
            sys.monitoring.free_tool_id(number)


def test_lines_of_functions_are_recorded_until_the_stop(coverage: LineCoverage, module: dict[str, Any]) -> None:
    coverage.start()
    module["double"](1)
    coverage.stop()
    module["double"](5)
    assert coverage.seen() == {"code.py": {2, 4}}


def test_each_recording_sees_lines_anew(coverage: LineCoverage, module: dict[str, Any]) -> None:
    for argument, lines in ((5, {2, 3, 4}), (1, {2, 4}), (1, {2, 4})):
        coverage.start()
        for _ in range(3):
            module["double"](argument)
        coverage.stop()
        assert coverage.seen() == {"code.py": lines}
        coverage.forget()
    assert coverage.seen() == {}


def test_what_pauses_is_recorded_when_it_runs_in_earnest(coverage: LineCoverage, module: dict[str, Any]) -> None:
    coverage.start()
    with coverage.paused():
        repr(module["Thing"]())
    assert coverage.seen() == {}
    repr(module["Thing"]())
    coverage.stop()
    assert coverage.seen() == {"code.py": {10}}


def test_a_function_of_one_line_and_a_generator(coverage: LineCoverage, module: dict[str, Any]) -> None:
    coverage.start()
    module["short"]()
    next(module["counting"]())
    coverage.stop()
    assert coverage.seen() == {"code.py": {2, 3, 4, 12, 15}}


def test_threads_that_begin_meanwhile_are_recorded(coverage: LineCoverage, module: dict[str, Any]) -> None:
    coverage.start()
    thread = threading.Thread(target=module["double"], args=(1,))
    thread.start()
    thread.join()
    coverage.stop()
    assert coverage.seen() == {"code.py": {2, 4}}


def test_what_an_import_executes_is_left_out(coverage: LineCoverage) -> None:
    code = compile("x = 1\nclass A:\n    y = 2\n", "/project/code.py", "exec")
    assert isinstance(code, CodeType)
    coverage.start()
    exec(code, {})  # noqa: S102
    coverage.stop()
    assert coverage.seen() == {}


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="a tool more finds room there")
def test_another_tool_that_traces_is_left_alone() -> None:
    def theirs(*_: object) -> None: ...

    sys.settrace(theirs)
    try:
        with pytest.raises(CannotRecord, match="only one"):
            line_recorder(lambda _: None).start()
        assert sys.gettrace() is theirs
    finally:
        sys.settrace(None)


def test_a_check_that_ends_the_recording_is_found_out(coverage: LineCoverage) -> None:
    coverage.start()
    if sys.version_info >= (3, 12):
        for number in range(6):
            if sys.monitoring.get_tool(number) == "pytest-parallel-agents":
                sys.monitoring.free_tool_id(number)
    else:
        sys.settrace(None)
    with pytest.raises(CannotRecord, match="the check has"):
        coverage.stop()


def test_what_runs_on_the_way_of_an_error_can_be_forgotten(coverage: LineCoverage, module: dict[str, Any]) -> None:
    coverage.start()
    try:
        module["passing_on"]("a")
    except TypeError as error:
        coverage.forget_since(error)
    coverage.stop()
    assert coverage.seen() == {"code.py": {2, 19, 20}}


def test_what_makes_the_message_of_an_error_can_be_forgotten(coverage: LineCoverage, tmp_path: Path) -> None:
    file = tmp_path / "code.py"
    file.write_text(SOURCE)
    names: dict[str, Any] = {"__name__": "project"}
    exec(compile(SOURCE, file, "exec"), names)  # noqa: S102
    for function, lines in (("refuse", {40, 41}), ("refuse_again", {40, 41, 44, 45, 46, 47, 48, 2, 4, 36, 37, 10})):
        coverage.start()
        try:
            names[function](names["Thing"]())
        except names["Refused"] as error:
            coverage.forget_since(error)
        coverage.stop()
        assert coverage.seen() == {"code.py": lines}
        coverage.forget()


def test_what_ran_after_earlier_errors_stays(coverage: LineCoverage, module: dict[str, Any]) -> None:
    coverage.start()
    try:
        module["insisting"]()
    except TypeError as error:
        coverage.forget_since(error)
    coverage.stop()
    assert coverage.seen() == {"code.py": {2, 27, 28, 29, 30, 31}}


def test_of_an_error_that_nobody_raised_nothing_is_forgotten(coverage: LineCoverage, module: dict[str, Any]) -> None:
    coverage.start()
    module["double"](1)
    coverage.forget_since(KeyError())
    coverage.stop()
    assert coverage.seen() == {"code.py": {2, 4}}
