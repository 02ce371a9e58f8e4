"""The results of a broken collection: an error for each collector that failed, and checks that never ran."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from _pytest.config import ConftestImportFailure
from _pytest.pathlib import ImportPathMismatchError

from pytest_parallel_agents.agents.frames import traceback_frames
from pytest_parallel_agents.collection.checks import collect_checks
from pytest_parallel_agents.controller.results.failure_text import beginning, failure_of, headline
from pytest_parallel_agents.model.plan import Check
from pytest_parallel_agents.model.results import Evidence, Frame, Outcome, Result
from pytest_parallel_agents.options import Options
from pytest_parallel_agents.reports.phrases import counted
from pytest_parallel_agents.wire.guarded import guarded

KIND = "test"
"""The kind of a broken module's checks."""


class _Raised(msgspec.Struct, frozen=True):
    """The exception of a collector, and its place in the project."""

    message: str
    frames: tuple[Frame, ...]


class Uncollected:
    """The plugin that watches the collection."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._raised: dict[str, _Raised] = {}
        self._failed: dict[str, pytest.CollectReport] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_exception_interact(self, call: pytest.CallInfo[Any], report: object) -> None:
        """Records the exception: the report of a collector has only text."""
        if isinstance(report, pytest.CollectReport) and call.excinfo is not None:
            self._raised[report.nodeid] = guarded(
                lambda error: _Raised(_message(error), traceback_frames(_origin(error), self._root)),
                lambda _: _Raised("", ()),
                call.excinfo.value,
            )

    @pytest.hookimpl
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._failed[report.nodeid] = report

    def results(
        self, items: Iterable[pytest.Item], options: Options, kinds: Iterable[str], first: int
    ) -> tuple[Result, ...]:
        """The items that did not run as cancelled checks, then the errors; `first` is the index of the first one."""
        unrun = collect_checks(list(items), options, kinds)[0].checks
        return (*(_cancelled(check, first) for check in unrun), *self._errors(first + len(unrun)))

    def _errors(self, first: int) -> Iterator[Result]:
        for index, (nodeid, report) in enumerate(self._failed.items(), start=first):
            raised = self._raised.get(nodeid, _Raised("", ()))
            yield Result(
                check=Check(index=index, nodeid=nodeid, kind=KIND, name=_name(nodeid), marked=False),
                outcome=Outcome.ERROR,
                message=raised.message or headline(report),
                failure=failure_of(report),
                evidence=Evidence(frames=raised.frames),
            )


def _cancelled(check: Check, first: int) -> Result:
    return Result(
        check=msgspec.structs.replace(check, index=first + check.index),
        outcome=Outcome.CANCELLED,
        message="never started",
    )


def _origin(error: BaseException) -> BaseException:
    """The exception of a module or a conftest.py, which pytest wraps."""
    wraps = isinstance(error, pytest.Collector.CollectError | ConftestImportFailure)
    return error.__cause__ if wraps and error.__cause__ is not None else error


def _message(error: BaseException) -> str:
    """The message of the exception, unless pytest has wrapped it in a better one."""
    origin = _origin(error)
    if isinstance(error, pytest.Collector.CollectError):
        as_raised = isinstance(origin, ImportError | SyntaxError) and not isinstance(origin, ImportPathMismatchError)
        if not as_raised:
            return beginning(str(error))
    return beginning(f"{type(origin).__name__}: {origin}")


def _name(nodeid: str) -> str:
    return nodeid.rpartition("::")[2].rpartition("/")[2]


def errors_phrase(session: pytest.Session) -> str:
    """Pytest's reason to end a run after a broken collection."""
    return f"{counted(session.testsfailed, 'error')} during collection"
