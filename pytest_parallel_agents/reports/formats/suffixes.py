"""The format for each suffix of `--agents-report`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Final, Protocol

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.reports.formats.files import write_atomically
from pytest_parallel_agents.reports.report import Report


class Format(Protocol):
    """A module of this package, or a package in it."""

    def render(self, report: Report) -> bytes:
        """The content of the file, from nothing but the report."""
        ...


FORMATS: Final[Mapping[str, str]] = {
    ".html": "html",
    ".json": "json_report",
    ".md": "markdown",
    ".codequality.json": "gitlab",
    "gl-code-quality-report.json": "gitlab",
    ".sarif": "sarif",
    ".sarif.json": "sarif",
    ".trace.json": "trace",
}
"""Names of the modules. Only those of asked-for formats are imported."""


def format_for(path: Path) -> Format:
    """The format for the path's suffix. Raises AgentsError, with all known suffixes, for any other."""
    for suffix in sorted(FORMATS, key=len, reverse=True):
        if path.name.endswith(suffix):
            module: Format = import_module(f"{__package__}.{FORMATS[suffix]}")
            return module
    raise AgentsError(
        f"--agents-report {path}: no report format has the suffix {path.suffix or '(none)'}",
        hint=f"use one of {', '.join(sorted(FORMATS))}",
    )


def write_report(report: Report, path: Path) -> None:
    """Writes the report, whole or not at all. Raises AgentsError when it cannot be written."""
    write_atomically(path, format_for(path).render(report))
