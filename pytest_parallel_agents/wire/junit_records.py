"""Records of tests for the JUnit report, beside their reports.

`record_xml_attribute`, `record_testsuite_property` and plugins write into the `LogXML` of the process that they run in.
In a worker that one is written to no file: its content goes with the reports into the controller's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

import pytest
from _pytest.junitxml import LogXML, xml_key

from pytest_parallel_agents.early_bound import builtins

__builtins__ = builtins

RECORDS: Final = "parallel_agents_junit"
"""Name of the attribute that carries a check's records on its reports until the controller's plugins see them."""

SUITE: Final = "parallel_agents_suite"
"""Key of the suite's records in a report, and at last in a worker's output."""

SuiteProperty = tuple[str, str, int]
"""Name, value, and how many such a worker has recorded with this one: a session fixture of each worker records its own,
and serially there is one.
"""


def provide(config: pytest.Config) -> None:
    """Makes a `LogXML` that collects, where pytest has made none because the process is a worker."""
    path = config.getoption("xmlpath", None)
    if path and config.stash.get(xml_key, None) is None:
        family = config.getini("junit_family")
        config.stash[xml_key] = LogXML(path, None, family=family)


def withdraw(config: pytest.Config) -> None:
    """Removes it before pytest ends the session: this one is no registered plugin."""
    xml = config.stash.get(xml_key, None)
    if xml is not None and not config.pluginmanager.is_registered(xml):
        del config.stash[xml_key]


class Recorded:
    """The worker's side: records that have not been sent."""

    def __init__(self, config: pytest.Config) -> None:
        self._xml: Any = config.stash.get(xml_key, None)
        self._known = len(getattr(self._xml, "global_properties", ()))
        self._counts: Counter[tuple[str, str]] = Counter()

    def is_empty(self, identity: object) -> bool:
        """Whether there are no records of the check that pytest knows under this name, nor of the suite."""
        if self._xml is None:
            return True
        reporter = self._reporter(identity)
        return len(self._xml.global_properties) == self._known and not (
            reporter is not None and (reporter.attrs or reporter.properties)
        )

    def take(self, identity: object) -> Mapping[str, Any] | None:
        """Removes and returns the records for the check's own element."""
        reporter = None if self._xml is None else self._reporter(identity)
        if reporter is None or not (reporter.attrs or reporter.properties):
            return None
        records = {"attributes": dict(reporter.attrs), "properties": list(reporter.properties)}
        reporter.attrs.clear()
        reporter.properties.clear()
        return records

    def suite_properties(self) -> list[SuiteProperty]:
        """The records for the whole suite."""
        if self._xml is None:
            return []
        new = self._xml.global_properties[self._known :]
        self._known += len(new)
        return [(*pair, self._count(pair)) for pair in new]

    def _reporter(self, identity: object) -> Any:
        return self._xml.node_reporters.get((identity, None))

    def _count(self, pair: tuple[str, str]) -> int:
        self._counts[pair] += 1
        return self._counts[pair]


def record_for_check(config: pytest.Config, report: pytest.TestReport) -> None:
    """Put the records that the report carries into the element of its check. Plugins do not see them on the report."""
    records: Any = report.__dict__.pop(RECORDS, None)
    xml = config.stash.get(xml_key, None)
    if records is not None and xml is not None:
        reporter = xml.node_reporter(report)
        reporter.attrs.update(records["attributes"])
        reporter.properties.extend(records["properties"])


def record_for_suite(config: pytest.Config, properties: Iterable[SuiteProperty]) -> None:
    """Puts a worker's properties into the suite's element, unless another worker has recorded as many of the same."""
    xml = config.stash.get(xml_key, None)
    if xml is None:
        return
    for name, value, count in properties:
        if xml.global_properties.count((name, value)) < count:
            xml.global_properties.append((name, value))
