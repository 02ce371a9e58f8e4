"""No format: the command passes with exit code 0, and any other is one finding that quotes its last words."""

from __future__ import annotations

from pathlib import Path

from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.tool_formats.output import Output


def read(output: Output, root: Path) -> Evidence:  # noqa: ARG001 - a Reader
    if output.exit_code == 0:
        return Evidence()
    last_line = output.last_line()
    message = f"exit code {output.exit_code}{': ' if last_line else ''}{last_line}"
    return Evidence(findings=(Finding(rule="", level=Level.ERROR, message=message),))
