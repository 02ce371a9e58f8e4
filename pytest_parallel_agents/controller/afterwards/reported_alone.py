"""Adds to the reports of a failed check that it passes alone, after its failure was reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pytest

from pytest_parallel_agents.controller.afterwards.junit_cases import add_to_failed_cases

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
    of_items = {items[index].nodeid: text for index, text in texts.items()}
    add_to_failed_cases(config, of_items, name=PROPERTY)


def _add_section(report: Any, text: str) -> None:
    add = getattr(report.longrepr, "addsection", None)
    if add is not None:
        add(TITLE, text)
    else:
        report.sections.append((TITLE, text))
