"""Which lines are recorded, by whatever this interpreter offers."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from pytest_parallel_agents.runtest.line_coverage import CannotRecord, LineCoverage
from pytest_parallel_agents.runtest.line_recorder import LineRecorders, line_recorders, slowdown

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

def cleaning(items):
    try:
        for item in items:
            yield item
    finally:
        short()

def closing():
    for item in cleaning("ab"):
        double(item)

class Managed:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            double("a")
        except TypeError:
            short()

def managed():
    with Managed():
        raise Refused(1)
"""


@pytest.fixture
def module() -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "project"}
    exec(compile(SOURCE, "/project/code.py", "exec"), names)  # noqa: S102
    return names


def recorders() -> LineRecorders:
    return line_recorders(lambda name: "code.py" if name.endswith("/code.py") else None)


@pytest.fixture(params=["precise", "quick"])
def either(request: pytest.FixtureRequest) -> Iterator[LineCoverage]:
    found = recorders()
    assert (found.precise is found.quick) == (sys.version_info >= (3, 12)), "coverage is installed for tests"
    yield getattr(found, request.param)
    free_tools()


@pytest.fixture
def precise() -> Iterator[LineCoverage]:
    yield recorders().precise
    free_tools()


def free_tools() -> None:
    if sys.version_info >= (3, 12):
        free = [number for number in range(6) if sys.monitoring.get_tool(number) == "pytest-parallel-agents"]
        for number in free:
            sys.monitoring.set_events(number, 0)
            sys.monitoring.free_tool_id(number)


def test_lines_of_functions_are_recorded_until_the_stop(either: LineCoverage, module: dict[str, Any]) -> None:
    either.start()
    module["double"](1)
    either.stop()
    module["double"](5)
    assert either.seen() == {"code.py": {2, 4}}


def test_each_recording_sees_lines_anew(either: LineCoverage, module: dict[str, Any]) -> None:
    for argument, lines in ((5, {2, 3, 4}), (1, {2, 4}), (1, {2, 4})):
        either.start()
        for _ in range(3):
            module["double"](argument)
        either.stop()
        assert either.seen() == {"code.py": lines}
        either.forget()
    assert either.seen() == {}


def test_what_pauses_is_recorded_when_it_runs_in_earnest(either: LineCoverage, module: dict[str, Any]) -> None:
    either.start()
    with either.paused():
        repr(module["Thing"]())
    assert either.seen() == {}
    repr(module["Thing"]())
    either.stop()
    assert either.seen() == {"code.py": {10}}


def test_a_function_of_one_line_and_a_generator(either: LineCoverage, module: dict[str, Any]) -> None:
    either.start()
    module["short"]()
    next(module["counting"]())
    either.stop()
    assert either.seen() == {"code.py": {2, 3, 4, 12, 15}}


def test_threads_that_begin_meanwhile_are_recorded(either: LineCoverage, module: dict[str, Any]) -> None:
    either.start()
    thread = threading.Thread(target=module["double"], args=(1,))
    thread.start()
    thread.join()
    either.stop()
    assert either.seen() == {"code.py": {2, 4}}


def test_what_an_import_executes_is_left_out(precise: LineCoverage) -> None:
    code = compile("x = 1\nclass A:\n    y = 2\n", "/project/code.py", "exec")
    assert isinstance(code, CodeType)
    precise.start()
    exec(code, {})  # noqa: S102
    precise.stop()
    assert precise.seen() == {}


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="a tool more finds room there")
@pytest.mark.parametrize("kind", ["precise", "quick"])
def test_another_tool_that_traces_is_left_alone(kind: str) -> None:
    def theirs(*_: object) -> None: ...

    sys.settrace(theirs)
    try:
        with pytest.raises(CannotRecord, match="only one"):
            getattr(recorders(), kind).start()
        assert sys.gettrace() is theirs
    finally:
        sys.settrace(None)


def test_a_check_that_ends_the_recording_is_found_out(either: LineCoverage) -> None:
    either.start()
    if sys.version_info >= (3, 12):
        for number in range(6):
            if sys.monitoring.get_tool(number) == "pytest-parallel-agents":
                sys.monitoring.free_tool_id(number)
    else:
        sys.settrace(None)
    with pytest.raises(CannotRecord, match="the check has"):
        either.stop()


def test_what_runs_on_the_way_of_an_error_can_be_forgotten(precise: LineCoverage, module: dict[str, Any]) -> None:
    precise.start()
    try:
        module["passing_on"]("a")
    except TypeError as error:
        precise.forget_since(error)
    precise.stop()
    assert precise.seen() == {"code.py": {2, 19, 20}}


def test_what_makes_the_message_of_an_error_can_be_forgotten(precise: LineCoverage, tmp_path: Path) -> None:
    file = tmp_path / "code.py"
    file.write_text(SOURCE)
    names: dict[str, Any] = {"__name__": "project"}
    exec(compile(SOURCE, file, "exec"), names)  # noqa: S102
    for function, lines in (("refuse", {40, 41}), ("refuse_again", {40, 41, 44, 45, 46, 47, 48, 2, 4, 36, 37, 10})):
        precise.start()
        try:
            names[function](names["Thing"]())
        except names["Refused"] as error:
            precise.forget_since(error)
        precise.stop()
        assert precise.seen() == {"code.py": lines}
        precise.forget()


def test_what_ran_after_earlier_errors_stays(precise: LineCoverage, module: dict[str, Any]) -> None:
    precise.start()
    try:
        module["insisting"]()
    except TypeError as error:
        precise.forget_since(error)
    precise.stop()
    assert precise.seen() == {"code.py": {2, 27, 28, 29, 30, 31}}


@pytest.mark.parametrize(
    ("function", "lines"),
    [
        ("closing", {51, 52, 53, 58, 59, 2}),
        ("managed", {63, 72, 73}),
    ],
)
def test_errors_of_clean_up_on_the_way_of_an_error_are_no_new_begin(
    precise: LineCoverage, module: dict[str, Any], function: str, lines: set[int]
) -> None:
    precise.start()
    try:
        module[function]()
    except (TypeError, module["Refused"]) as error:
        precise.forget_since(error)
    precise.stop()
    seen = precise.seen()["code.py"]
    assert seen - {36, 37} == lines, "what an error's own class executes belongs to its raise where that is known"


def test_of_an_error_that_nobody_raised_nothing_is_forgotten(precise: LineCoverage, module: dict[str, Any]) -> None:
    precise.start()
    module["double"](1)
    precise.forget_since(KeyError())
    precise.stop()
    assert precise.seen() == {"code.py": {2, 4}}


def test_frames_that_begin_or_end_unseen_leave_lines_where_they_are(
    either: LineCoverage, module: dict[str, Any]
) -> None:
    def within(depth: int) -> None:
        if depth:
            within(depth - 1)
            return
        with suppress(TypeError), either.paused():
            module["double"]("a")
        module["double"](1)
        either.start()  # it goes on as it does
        module["short"]()

    either.start()
    within(3)
    module["short"]()
    either.stop()
    assert either.seen() == {"code.py": {2, 3, 4, 12}}


def test_a_pause_in_a_thread_leaves_the_others_alone(either: LineCoverage, module: dict[str, Any]) -> None:
    def describe() -> None:
        with either.paused():
            pass

    either.start()
    thread = threading.Thread(target=describe)
    thread.start()
    thread.join()
    module["double"](1)
    either.stop()
    assert either.seen() == {"code.py": {2, 4}}


def test_threads_that_outlive_a_recording_do_not_disturb_the_next(either: LineCoverage, module: dict[str, Any]) -> None:
    begun, end = threading.Event(), threading.Event()

    def outlive() -> None:
        begun.set()
        end.wait()

    either.start()
    thread = threading.Thread(target=outlive)
    thread.start()
    begun.wait()
    either.stop()
    either.forget()
    either.start()
    end.set()
    thread.join()
    module["double"](1)
    either.stop()
    assert either.seen() == {"code.py": {2, 4}}


def test_without_coverage_our_own_trace_function_serves_all(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = slowdown()
    monkeypatch.setitem(sys.modules, "coverage", None)  # which cannot be imported then
    monkeypatch.delitem(sys.modules, "coverage.tracer", raising=False)
    found = recorders()
    assert found.precise is found.quick
    assert (slowdown() > usual) == (sys.version_info < (3, 12))
