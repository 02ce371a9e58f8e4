"""Reports on the wire. Most mean only that a phase passed; those cross as four numbers.

A report is all that is known of a failure, so nothing that a plugin has put on one keeps it from arriving: a value that
cannot cross as it is crosses as the nearest one that can, and the controller remarks that once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property, partial
from typing import Any, Literal

import msgspec
import pytest
from _pytest.subtests import SubtestReport, failed_subtests_key

from pytest_parallel_agents.early_bound import builtins
from pytest_parallel_agents.printable import escape, escape_lines
from pytest_parallel_agents.wire import junit_records, packing, side_data, warning_messages
from pytest_parallel_agents.wire.guarded import encodable, guarded, safe_str
from pytest_parallel_agents.wire.messages import Phase, Warned
from pytest_parallel_agents.wire.remarks import remark
from pytest_parallel_agents.wire.report_data import (
    PHASES,
    STANDARD,
    Drawn,
    attributes_of,
    drawings,
    identity,
    normalize,
    report_from,
    seconds,
    shorten_sections,
)
from pytest_parallel_agents.wire.side_data import is_noted

__builtins__ = builtins

_Report = pytest.TestReport
_PLAIN_FIELDS = frozenset({"nodeid", "_id", *STANDARD})
_FAILED_SUBTESTS = "parallel_agents.failed_subtests"
"""How many subtests have failed so far: pytest counts them where they run, and fails their test where it is
reported."""
_DRAWN = "parallel_agents.drawn"
"""How an explanation looks that pytest turns into a text: plain and coloured."""
_REMARKS = "parallel_agents.remarks"
"""Remarks on values of the report that could not cross as they were."""


class Encoder:
    """The worker's side."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._item: Any = None
        self._name: Any = None
        self._keywords: Mapping[str, int] = {}
        self._failed_subtests = config.stash.get(failed_subtests_key, defaultdict(int))  # empty without the plugin
        self._junit = junit_records.Recorded(config)
        self._side_data = side_data.SideData()
        self._remarked: set[str] = set()

    def begin(self, item: pytest.Item) -> None:
        """Begins the reports of `item`. A keyword that it gains while it runs must cross the wire."""
        self._item = item
        self._keywords = dict.fromkeys(item.keywords, 1)
        self._name = identity(item)
        self._failed_subtests.pop(self._name, None)

    def encode(self, report: pytest.TestReport) -> Phase:
        """One report, packed unless it is plain. Raises nothing, whatever a plugin has made of it."""
        if guarded(self._is_plain, _not_plain, report):
            return Phase(report.when, report.duration, report.start, report.stop)
        for prepare in (self._rename, shorten_sections):
            guarded(partial(prepare, report), lambda _: None)
        data = guarded(partial(self._serialized, report), partial(self._attributes, report))
        if data.keys() >= set(STANDARD):  # else it is a report of a plugin's own kind
            for name in normalize(data, self._item):
                self._remark(data, f"report.{name} was nothing that pytest can use")
                guarded(partial(setattr, report, name, data[name]), lambda _: None)  # this process has plugins too
        if type(data.get("longrepr")) is str:
            data[_DRAWN] = guarded(partial(drawings, report), lambda _: [])
        self._add(data)
        if extra := guarded(partial(self._side_data.of, report), lambda _: {}):
            data[side_data.SIDE_DATA] = extra
        duration, start, stop = (seconds(data.get(name)) for name in ("duration", "start", "stop"))
        return Phase(encodable(safe_str(data.get("when"))), duration, start, stop, self._pack(data))

    def warning(self, message: Any, when: str, nodeid: str, location: Any) -> Warned:
        """A recorded warning. Raises nothing."""
        place = guarded(lambda: _place(*location), lambda _: None)
        packed = packing.pack(warning_messages.take_apart(message))
        return Warned(packed, encodable(safe_str(when)), encodable(safe_str(nodeid)), place)

    def close(self) -> None:
        """Leaves records that go with no report where the controller finds them: fixtures record while they are torn
        down.
        """
        if properties := self._junit.suite_properties():
            self._config.workeroutput[junit_records.SUITE] = properties  # type: ignore[attr-defined]

    def _is_plain(self, report: pytest.TestReport) -> bool:
        """Whether it has nothing but its times. Called for each phase, so attributes are read where they are stored."""
        if type(report) is not _Report:
            return False
        fields = report.__dict__
        name = fields.get("_id") or fields.get("nodeid")
        return (
            fields["outcome"] == "passed"
            and fields["longrepr"] is None
            and not fields["sections"]
            and not fields["user_properties"]
            and (name is self._name or name == self._name)
            and fields["keywords"] == self._keywords
            and fields["location"] == self._item.location
            and type(fields["duration"]) is type(fields["start"]) is type(fields["stop"]) is float
            and fields["when"] in PHASES
            and not self._failed_subtests.get(name)
            and fields.keys() <= _PLAIN_FIELDS
            and self._junit.is_empty(name)
            and not is_noted(report)
        )

    def _rename(self, report: pytest.TestReport) -> None:
        """Replaces a name that is no valid one, since a plugin has replaced it, by the item's."""
        if type(guarded(partial(identity, report), lambda _: None)) is not type(self._name):
            report.nodeid = self._item.nodeid

    def _serialized(self, report: pytest.TestReport) -> dict[str, Any]:
        return dict(self._config.hook.pytest_report_to_serializable(config=self._config, report=report))

    def _attributes(self, report: pytest.TestReport, error: BaseException) -> dict[str, Any]:
        data = attributes_of(report)
        data["$report_type"] = "TestReport"
        self._remark(data, f"a report could not be serialized: {type(error).__name__}: {safe_str(error)}")
        return data

    def _add(self, data: dict[str, Any]) -> None:
        """Adds what pytest keeps elsewhere than on the report."""
        if failed := self._failed_subtests.get(self._name):
            data[_FAILED_SUBTESTS] = failed
        if records := self._junit.take(self._name):
            data[junit_records.RECORDS] = records
        if properties := self._junit.suite_properties():
            data[junit_records.SUITE] = properties

    def _pack(self, data: dict[str, Any]) -> bytes:
        texts: list[str] = []
        packed = packing.pack_fields(data, lambda name, value: texts.append(_stand_in_remark(name, value)))
        new = [text for text in texts if text and text not in self._remarked]
        for text in new:
            self._remark(data, text)
        return packing.pack(data) if new else packed

    def _remark(self, data: dict[str, Any], text: str) -> None:
        if text not in self._remarked:
            self._remarked.add(text)
            data.setdefault(_REMARKS, []).append(text)


def _not_plain(_: BaseException) -> bool:
    return False


def _place(path: str, line: int, function: str) -> tuple[str, int, str]:
    return encodable(str(path)), int(line), encodable(str(function))


def _stand_in_remark(name: str, value: object) -> str:
    """The remark on a value that comes as a stand-in; none where only its text counts."""
    kind = type(value)
    known = name in _PLAIN_FIELDS or name == _REMARKS
    return "" if known else f"report.{name} holds a {kind.__module__}.{kind.__qualname__}, which came as a text"


class Decoder:
    """The controller's side: rebuilds the reports of the items it has."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def decode(self, item: pytest.Item, phase: Phase) -> pytest.TestReport:
        """The report as the worker's pytest made it. An unreadable one is a failure, since it may have been one."""
        if phase.report is None:
            return PassedReport(item, phase)
        try:
            data: Any = packing.unpack(phase.report)
            extra = data.pop(side_data.SIDE_DATA, {})
            report = self._report(data)
        except (msgspec.DecodeError, LookupError, TypeError, ValueError, AttributeError) as error:
            return report_failure(item, f"its report cannot be read: {error}", when=phase.when)
        if report.nodeid == item.nodeid and "_id" in report.__dict__:
            report._id = item.id  # noqa: SLF001 - pytest finds other parts in the text of some ids
        guarded(partial(side_data.restore, report, extra), lambda _: None)
        if _FAILED_SUBTESTS in data:
            self._config.stash[failed_subtests_key][identity(report)] = data[_FAILED_SUBTESTS]
        return report

    def replay_warning(self, warned: Warned) -> None:
        """Records the worker's warning here, for the summary and every plugin that counts them."""
        data: Any = packing.unpack(warned.warning)
        self._config.hook.pytest_warning_recorded.call_historic(
            kwargs={
                "warning_message": warning_messages.put_together(data),
                "when": warned.when,
                "nodeid": warned.nodeid,
                "location": warned.location,
            }
        )

    def _report(self, data: dict[str, Any]) -> pytest.TestReport:
        remark(self._config, data.pop(_REMARKS, ()))
        junit_records.record_for_suite(self._config, data.pop(junit_records.SUITE, ()))
        longrepr = data.get("longrepr")
        if type(longrepr) is dict or "longrepr" not in data:
            return self._by_hook(data)
        drawn = data.pop(_DRAWN, ())
        data["longrepr"] = None  # pytest looks for the parts of a traceback in any text
        report = self._by_hook(data)
        report.longrepr = Drawn(*drawn) if drawn else longrepr
        return report

    def _by_hook(self, data: dict[str, Any]) -> pytest.TestReport:
        restore = self._config.hook.pytest_report_from_serializable
        report = guarded(lambda: restore(config=self._config, data=data), lambda _: None)
        if report is None:
            return report_from(data)
        if isinstance(report, SubtestReport):  # pytest has quoted its values once more
            object.__setattr__(report.context, "kwargs", data["_subtest.context"]["kwargs"])
        found: pytest.TestReport = report
        return found


def report_failure(item: pytest.Item, reason: str, *, when: str) -> pytest.TestReport:
    """A failed report of what no pytest in a worker could report: `reason` is its text."""
    return _report(item, "failed", escape_lines(reason), when)


def report_skip(item: pytest.Item, reason: str) -> pytest.TestReport:
    """A report that the item was skipped for this reason."""
    path, line, _ = item.location
    return _report(item, "skipped", (path, (line or 0) + 1, f"Skipped: {escape(reason)}"), "setup")


def report_teardown(item: pytest.Item) -> pytest.TestReport:
    """A report that the item's tear-down has passed, with facts that are known only later."""
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
    """The report of a phase that passed, with nothing but its times.

    The item's location and keywords are looked up when they are read: it takes longer than all the rest, and few
    readers need them.
    """

    __slots__ = ("_item",)  # beside the attributes, which plugins write to files

    def __init__(self, item: pytest.Item, phase: Phase) -> None:
        super().__init__(
            nodeid=identity(item),
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
