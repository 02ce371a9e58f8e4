"""Reports of workers that run checks once more, aside from the run: none of them reaches plugins."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Any

import pytest

from pytest_parallel_agents.benchmarks import is_benchmark
from pytest_parallel_agents.controller.results.outcome_writer import Outcomes
from pytest_parallel_agents.controller.results.store import ResultStore
from pytest_parallel_agents.marks import agent_mark, is_command
from pytest_parallel_agents.model.plan import Check
from pytest_parallel_agents.model.results import Result
from pytest_parallel_agents.wire import messages, packing
from pytest_parallel_agents.wire.report_codec import PassedReport
from pytest_parallel_agents.wire.report_data import report_from


def is_plain_test(item: pytest.Item) -> bool:
    """Whether it is neither a program nor a measurement: these take long and show little when run again."""
    fixtures = getattr(item, "fixturenames", ())
    is_test = agent_mark(item).kind == "test" and not is_command(item)
    return is_test and "profile" not in fixtures and not is_benchmark(item)


def result_of(check: Check, item: pytest.Item, phases: Iterable[messages.Phase]) -> Result | None:
    """The check's result, from its reports; None if one of them cannot be read here."""
    store = ResultStore([check])
    outcomes = Outcomes(store)
    with contextlib.suppress(Exception):
        for phase in phases:
            outcomes.report(check.index, _report(item, phase))
        return store.result(check.index)
    return None


def _report(item: pytest.Item, phase: messages.Phase) -> pytest.TestReport:
    if phase.report is None:
        return PassedReport(item, phase)
    data: Any = packing.unpack(phase.report)
    report = report_from(data)
    if isinstance(report.longrepr, dict):  # of a traceback only how it ended is wanted
        report.longrepr = report.longrepr["reprcrash"]["message"]
    return report
