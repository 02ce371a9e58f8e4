"""Whatever a plugin or a test has put on a report or into a warning: it crosses, and its outcome arrives."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_parallel_agents.wire import packing, warning_messages
from pytest_parallel_agents.wire.messages import Phase
from pytest_parallel_agents.wire.report_codec import Decoder, Encoder
from pytest_parallel_agents.wire.report_data import STANDARD


def raising(error: type[BaseException]) -> type:
    """A class all of whose answers are exceptions."""

    def answer(*_: object) -> Any:
        raise error("no answer")

    names = ("repr", "str", "len", "iter", "eq", "bool", "hash", "format", "getattribute", "getattr", "reduce_ex")
    return type("Raising", (), {f"__{name}__": answer for name in names})


class Text(str):
    __slots__ = ()

    def __str__(self) -> str:
        raise RuntimeError

    def __eq__(self, _: object) -> bool:
        raise RuntimeError

    __hash__ = None  # type: ignore[assignment]


class Pairs(dict[str, int]):
    def __iter__(self) -> Any:
        raise RuntimeError

    items = keys = values = __iter__


def cycle() -> object:
    found: list[object] = []
    found.append(found)
    return found


ERRORS: tuple[type[BaseException], ...] = (
    *(RuntimeError, StopIteration, RecursionError, SystemExit),
    *(pytest.fail.Exception, pytest.skip.Exception),
)
MAKERS: tuple[Callable[[], object], ...] = (
    *(raising(error) for error in ERRORS),
    *(lambda: Text("odd"), lambda: Pairs(a=1), mock.MagicMock, lambda: mock.MagicMock(spec=dict)),
    *(lambda: math.nan, lambda: 10**400, cycle, object, lambda: len, lambda: Exception),
    lambda: ExceptionGroup("all", [ValueError()]),
)
"""Hypothesis looks at what it generates: these are made where they are needed."""

plain = st.one_of(
    st.text(st.characters(categories=None)),
    st.none() | st.booleans() | st.integers() | st.floats() | st.binary() | st.complex_numbers() | st.datetimes(),
)
values = st.recursive(
    st.sampled_from(MAKERS) | plain,
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def made(value: Any) -> Any:
    """The value that was meant."""
    if isinstance(value, list | tuple):
        return type(value)(map(made, value))
    if isinstance(value, dict):
        return {key: made(entry) for key, entry in value.items()}
    return value() if callable(value) else value


attributes = st.sampled_from([*STANDARD, "_id", "own", "wasxfail", "parallel_agents"])
quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def item(request: pytest.FixtureRequest) -> pytest.Item:
    """An item of this session, with its configuration: the test itself."""
    found: pytest.Item = request.node
    return found


Cross = Callable[[pytest.TestReport], pytest.TestReport]


@pytest.fixture
def cross(item: pytest.Item) -> Cross:
    encoder, decoder = Encoder(item.config), Decoder(item.config)

    def over(report: pytest.TestReport) -> pytest.TestReport:
        encoder.begin(item)
        phase = encoder.encode(report)
        assert type(phase) is Phase
        return decoder.decode(item, phase)

    return over


def report_of(item: pytest.Item, *, passes: bool) -> pytest.TestReport:
    def run() -> None:
        assert passes

    return pytest.TestReport.from_item_and_call(item, pytest.CallInfo.from_call(run, when="call"))


@quick
@given(changes=st.dictionaries(attributes, values, max_size=3), passes=st.booleans())
def test_the_outcome_arrives(item: pytest.Item, cross: Cross, changes: dict[str, object], *, passes: bool) -> None:
    report = report_of(item, passes=passes)
    changes.pop("outcome", None)
    report.__dict__.update(made(changes))

    received = cross(report)

    assert received.outcome == ("passed" if passes else "failed")
    assert isinstance(received.longreprtext, str)
    assert all(isinstance(text, str) for section in received.sections for text in section)
    assert isinstance(received.duration + received.start + received.stop, int | float)
    assert isinstance(received.nodeid, str)
    assert passes or received.longrepr is not None


@quick
@given(outcome=values)
def test_an_unknown_outcome_is_a_word(item: pytest.Item, cross: Cross, outcome: object) -> None:
    report = report_of(item, passes=True)
    report.__dict__["outcome"] = made(outcome)

    assert isinstance(cross(report).outcome, str)


@quick
@given(argument=values, category=values, attribute=values)
def test_a_warning_arrives(item: pytest.Item, argument: object, category: Any, attribute: object) -> None:
    message = UserWarning(made(argument))
    message.attribute = made(attribute)  # type: ignore[attr-defined]
    recorded = warnings.WarningMessage(message, UserWarning, "a.py", 3)
    recorded.category, recorded.filename = made(category), made(attribute)

    warned = Encoder(item.config).warning(recorded, "runtest", "a.py::test_it", None)
    data: Any = packing.unpack(warned.warning)
    found = warning_messages.put_together(data)

    assert isinstance(found.message, Warning)
    assert issubclass(found.category, Warning)
    assert isinstance(str(found.message), str)
