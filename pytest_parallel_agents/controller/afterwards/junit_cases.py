"""The elements of checks in pytest's JUnit report, which are not written before the session ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
from _pytest.junitxml import bin_xml_escape, mangle_test_address, xml_key

from pytest_parallel_agents.model.results import Outcome, Result

_UNKNOWN_TO_PYTEST: Final = frozenset({Outcome.TIMED_OUT, Outcome.CRASHED, Outcome.CANCELLED})


def complete_cases(config: pytest.Config, results: Iterable[Result]) -> None:
    """Adds what pytest does not know: outcomes of ours, how long a lost check ran, and attempts, which become one
    element. Attempts of plugins that run tests again stay as these report them. In names of files pytest lets stand
    characters that XML forbids: a reader would refuse the whole file.
    """
    xml: Any = config.stash.get(xml_key, None)
    if xml is None:
        return
    with suppress(Exception):  # another pytest may store them differently; what they have is right anyway
        cases = _Cases(xml)
        for result in results:
            retried = len(result.attempts) > 1 and result.check.retries > 0
            forbidden = bin_xml_escape(result.check.nodeid) != result.check.nodeid
            if retried or forbidden or result.outcome in _UNKNOWN_TO_PYTEST:
                of_check = cases.of(result.check.nodeid)
                _complete(of_check, result, retried=retried)
                cases.drop(of_check[:-1] if retried else ())


def add_to_failed_cases(config: pytest.Config, texts: Mapping[str, str], *, name: str) -> None:
    """Adds a property with the text to each failed element of these checks, by node id."""
    xml: Any = config.stash.get(xml_key, None)
    if xml is None or not texts:
        return
    with suppress(Exception):  # as above
        cases = _Cases(xml)
        for nodeid, text in texts.items():
            for case in filter(_has_failed, cases.of(nodeid)):
                _add_property(case, name, text)


class _Cases:
    """The elements of checks, by their names."""

    def __init__(self, xml: Any) -> None:
        self._xml = xml
        self._reporters: dict[tuple[object, object], list[Any]] = defaultdict(list)
        for reporter in xml.node_reporters_ordered:
            case = reporter.to_xml()
            self._reporters[case.get("classname"), case.get("name")].append(reporter)

    def of(self, nodeid: str) -> list[ET.Element]:
        """One for each attempt. They are finished by that: a report that comes later has an element of its own."""
        *classes, name = mangle_test_address(nodeid)
        classname = ".".join([self._xml.prefix, *classes] if self._xml.prefix else classes)
        reporters = self._reporters.get((classname, bin_xml_escape(name)), [])
        for key, reporter in list(self._xml.node_reporters.items()):
            if reporter in reporters:
                del self._xml.node_reporters[key]
                reporter.finalize()
        return [reporter.to_xml() for reporter in reporters]

    def drop(self, cases: Sequence[ET.Element]) -> None:
        """Drops these elements, if nothing has failed in them."""
        gone = [id(case) for case in cases if not _has_failed(case)]
        if gone:
            kept = [each for each in self._xml.node_reporters_ordered if id(each.to_xml()) not in gone]
            self._xml.node_reporters_ordered[:] = kept


def _complete(cases: Sequence[ET.Element], result: Result, *, retried: bool) -> None:
    """Completes the last of the check's elements, and the attributes of all."""
    for case in cases[-1:]:
        if retried:
            attempts = [f"{each.outcome}: {each.message}" if each.message else each.outcome for each in result.attempts]
            _add_property(case, "attempts", "; ".join(attempts))
        if result.outcome in _UNKNOWN_TO_PYTEST:
            _add_property(case, "outcome", result.outcome)
            case.set("time", f"{result.last.duration if result.last else 0:.3f}")
        elif retried and result.outcome.good:
            _add_property(case, "outcome", "flaky")
    for case in cases:
        for attribute, value in case.items():
            case.set(attribute, bin_xml_escape(value))


def _has_failed(case: ET.Element) -> bool:
    return case.find("failure") is not None or case.find("error") is not None


def _add_property(case: ET.Element, name: str, value: str) -> None:
    properties = case.find("properties")
    if properties is None:
        properties = ET.Element("properties")
        case.insert(0, properties)
    ET.SubElement(properties, "property", name=name, value=str(bin_xml_escape(value)))
