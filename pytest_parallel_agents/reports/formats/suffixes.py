"""The writer for each suffix of `--agents-report`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.reports.formats import json_report
from pytest_parallel_agents.reports.report import Report

WriteReport = Callable[[Report, Path], None]

WRITERS: Mapping[str, WriteReport] = {
    ".json": json_report.write,
}


def writer_for(path: Path) -> WriteReport:
    """The writer for the path's suffix. Raises AgentsError, with all known suffixes, for any other."""
    for suffix in sorted(WRITERS, key=len, reverse=True):
        if path.name.endswith(suffix):
            return WRITERS[suffix]
    raise AgentsError(
        f"--agents-report {path}: no report format has the suffix {path.suffix or '(none)'}",
        hint=f"use one of {', '.join(sorted(WRITERS))}",
    )
