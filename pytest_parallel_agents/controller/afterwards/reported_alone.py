"""Adds to the reports of a failed check that it passes alone, after its failure was reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
from _pytest.junitxml import bin_xml_escape, mangle_test_address, xml_key

TITLE: Final = "passes alone"
PROPERTY: Final = "passes-alone"


def add_passes_alone(config: pytest.Config, texts: Mapping[int, str], items: Sequence[pytest.Item]) -> None:
    """Adds the texts, by check index, where terminal and JUnit will show the failures of these items."""
    terminal: Any = config.pluginmanager.getplugin("terminalreporter")
    stats: Mapping[str, list[Any]] = getattr(terminal, "stats", {})
    for report in [*stats.get("failed", ()), *stats.get("error", ())]:
        text = texts.get(getattr(report, "item_index", -1))
        if text is not None:
            _add_section(report, text)
    for index, text in texts.items():
        _add_property(config, items[index], text)


def _add_section(report: Any, text: str) -> None:
    add = getattr(report.longrepr, "addsection", None)
    if add is not None:
        add(TITLE, text)
    else:
        report.sections.append((TITLE, text))


def _add_property(config: pytest.Config, item: pytest.Item, text: str) -> None:
    """The elements of the test are finished, but not written yet."""
    with suppress(Exception):  # another pytest may store them differently; the failure is reported anyway
        for case in _failed_cases(config.stash.get(xml_key, None), item.nodeid):
            properties = case.find("properties")
            if properties is None:
                properties = ET.Element("properties")
                case.insert(0, properties)
            ET.SubElement(properties, "property", name=PROPERTY, value=str(bin_xml_escape(text)))


def _failed_cases(xml: Any, nodeid: str) -> list[ET.Element]:
    if xml is None:
        return []
    *classes, name = mangle_test_address(nodeid)
    classname = ".".join([xml.prefix, *classes] if xml.prefix else classes)
    cases = [reporter.to_xml() for reporter in xml.node_reporters_ordered]
    named = [case for case in cases if (case.get("classname"), case.get("name")) == (classname, name)]
    return [case for case in named if case.find("failure") is not None or case.find("error") is not None]
