"""Reports on the wire. Most say no more than that a phase passed; those cross as four numbers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

import pytest
from _pytest.subtests import SubtestReport, failed_subtests_key

from pytest_parallel_agents.early_bound import builtins
from pytest_parallel_agents.workers import wire
from pytest_parallel_agents.workers.captured import shorten_sections
from pytest_parallel_agents.workers.messages import Phase, Warned

__builtins__ = builtins

_PLAIN_FIELDS = frozenset(
    {"nodeid", "_id", "location", "keywords", "outcome", "longrepr", "when"}
    | {"user_properties", "sections", "duration", "start", "stop"}
)
_FAILED_SUBTESTS = "parallel_agents.failed_subtests"
"""How many have failed so far: pytest counts them where they run, and lets their test fail where it is reported."""


class Encoder:
    """The worker's side."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._keywords = 0
        self._failed_subtests = config.stash[failed_subtests_key]
        from xdist.remote import serialize_warning_message  # now: a test may replace what imports

        self._serialized = serialize_warning_message

    def begin(self, item: pytest.Item) -> None:
        """The reports that follow are of `item`. A keyword that it gains while it runs must cross the wire."""
        self._keywords = len(item.keywords)
        self._failed_subtests.pop(identity(item), None)

    def encode(self, report: pytest.TestReport) -> Phase:
        """One report, packed unless it is plain."""
        shorten_sections(report)
        data = None if self._is_plain(report) else wire.pack(self._serializable(report))
        return Phase(str(report.when), report.duration, report.start, report.stop, data)

    def warning(self, message: Any, when: str, nodeid: str, location: Any) -> Warned:
        """A recorded warning in the form that xdist gives it."""
        place = None if location is None else (str(location[0]), int(location[1]), str(location[2]))
        return Warned(wire.pack(self._serialized(message)), when, nodeid, place)

    def _is_plain(self, report: pytest.TestReport) -> bool:
        return (
            type(report) is pytest.TestReport
            and report.outcome == "passed"
            and report.longrepr is None
            and not report.sections
            and not report.user_properties
            and len(report.keywords) == self._keywords
            and not self._failed_subtests.get(identity(report))
            and report.__dict__.keys() <= _PLAIN_FIELDS
        )

    def _serializable(self, report: pytest.TestReport) -> dict[str, Any]:
        data: dict[str, Any] = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        if failed := self._failed_subtests.get(identity(report)):
            data[_FAILED_SUBTESTS] = failed
        return data


class Decoder:
    """The controller's side: rebuilds the reports of the items it has."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def decode(self, item: pytest.Item, phase: Phase) -> pytest.TestReport:
        """The report as the worker's pytest made it."""
        if phase.report is None:
            return PassedReport(item, phase)
        data: Any = wire.unpack(phase.report)
        report: pytest.TestReport = self._config.hook.pytest_report_from_serializable(config=self._config, data=data)
        if _FAILED_SUBTESTS in data:
            self._config.stash[failed_subtests_key][identity(report)] = data[_FAILED_SUBTESTS]
        if isinstance(report, SubtestReport):  # pytest has quoted its values once more
            object.__setattr__(report.context, "kwargs", data["_subtest.context"]["kwargs"])
        return report

    def replay_warning(self, warned: Warned) -> None:
        """Record the worker's warning here, for the summary and every plugin that counts them."""
        from xdist.workermanage import unserialize_warning_message

        data: Any = wire.unpack(warned.warning)
        self._config.hook.pytest_warning_recorded.call_historic(
            kwargs={
                "warning_message": unserialize_warning_message(data),
                "when": warned.when,
                "nodeid": warned.nodeid,
                "location": warned.location,
            }
        )


def identity(bearer: Any) -> Any:
    """What pytest keeps things under that it knows of an item or its reports: until 9.1 their node id."""
    return getattr(bearer, "id", bearer.nodeid)


def report_failure(item: pytest.Item, reason: str, *, when: str) -> pytest.TestReport:
    """A failed report for what no pytest in a worker could report: `reason` is its text."""
    return _report(item, "failed", reason, when)


def report_skip(item: pytest.Item, reason: str) -> pytest.TestReport:
    """A report that the item was skipped for this reason."""
    path, line, _ = item.location
    return _report(item, "skipped", (path, (line or 0) + 1, f"Skipped: {reason}"), "setup")


def report_teardown(item: pytest.Item) -> pytest.TestReport:
    """A report that the item's tear-down has passed, to carry what is known only later."""
    return _report(item, "passed", None, "teardown")


def _report(
    item: pytest.Item, outcome: str, longrepr: str | tuple[str, int, str] | None, when: str
) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid=item.nodeid,
        location=item.location,
        keywords=dict.fromkeys(item.keywords, 1),
        outcome=outcome,  # type: ignore[arg-type]
        longrepr=longrepr,
        when=when,  # type: ignore[arg-type]
    )


class PassedReport(pytest.TestReport):
    """The report of a phase that passed and had nothing to say.

    Where its item is defined and under which keywords is looked up when someone asks: it takes longer than all the
    rest, and few do.
    """

    __slots__ = ("_item",)  # beside the attributes, which plugins write to files

    def __init__(self, item: pytest.Item, phase: Phase) -> None:
        super().__init__(
            nodeid=item.nodeid,
            location=("", None, ""),
            keywords={},
            outcome="passed",
            longrepr=None,
            when=phase.when,  # type: ignore[arg-type]
            duration=phase.duration,
            start=phase.start,
            stop=phase.stop,
        )
        del self.__dict__["location"], self.__dict__["keywords"]
        self._item = item

    @cached_property
    def location(self) -> tuple[str, int | None, str]:  # type: ignore[override]
        return self._item.location

    @cached_property
    def keywords(self) -> Mapping[str, Literal[1]]:  # type: ignore[override]
        return dict.fromkeys(self._item.keywords, 1)

    def _to_json(self) -> dict[str, Any]:
        return {"location": self.location, "keywords": self.keywords, **super()._to_json()}


PassedReport.__name__ = pytest.TestReport.__name__  # pytest writes it beside a serialized report and looks it up again
