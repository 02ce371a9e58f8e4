"""Checks that fail by their findings: pytest's section of failures counts what the summary below it lists."""

from __future__ import annotations

import re
from collections.abc import Container, Generator
from typing import Any, Final

import pytest

from pytest_parallel_agents.wire.guarded import safe_str

_COUNT: Final = re.compile(r"[\d,]+ (new )?findings?")


class BriefFailures:
    """The plugin that shortens the failures while pytest shows them, in the terminal and nowhere else."""

    def __init__(self, terminal: Any, nodeids: Container[str]) -> None:
        """`nodeids`: the checks with findings that the summary lists."""
        self._terminal = terminal
        self._nodeids = nodeids
        self._whole: list[tuple[Any, object]] = []

    def register(self, plugins: pytest.PytestPluginManager) -> None:
        """Makes it and what restores the failures plugins."""
        plugins.register(self, "parallel-agents-brief-failures")
        plugins.register(_Restored(self), "parallel-agents-whole-failures")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self) -> Generator[None, object, object]:
        failed = self._terminal.stats.get("failed", ())
        for report in [each for each in failed if each.nodeid in self._nodeids]:
            count = safe_str(report.longrepr).partition("\n")[0]
            if _COUNT.fullmatch(count):
                self._whole.append((report, report.longrepr))
                report.longrepr = f"{count}, listed below"
        try:
            return (yield)
        finally:
            self.restore()

    def restore(self) -> None:
        """Restores the failures, which pytest has shown: other plugins get them as they are."""
        for report, longrepr in self._whole:
            report.longrepr = longrepr
        self._whole.clear()


class _Restored:
    """The plugin that restores them before any other plugin writes its part of the summary."""

    def __init__(self, brief: BriefFailures) -> None:
        self._brief = brief

    @pytest.hookimpl(tryfirst=True)
    def pytest_terminal_summary(self) -> None:
        self._brief.restore()
