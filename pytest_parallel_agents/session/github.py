"""What GitHub Actions shows of a run that happens there: annotations beside lines, and the summary of the step."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from pytest_parallel_agents.early_bound import os
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.wire.remarks import remark

SUMMARY: Final = "GITHUB_STEP_SUMMARY"
"""Names the file to which a step appends its summary in Markdown."""
MOST_BYTES: Final = 1024 * 1024
"""Of that file. GitHub shows nothing of a larger one."""

_ANNOTATES_FAILURES: Final = "pytest_github_actions_annotate_failures"
"""A plugin that shows GitHub each failed test, which need not be shown twice."""


def annotate(config: pytest.Config, report: Report, terminal: Any) -> None:
    """Writes what belongs beside the lines of a pull request."""
    if _is_here():
        from pytest_parallel_agents.reports.formats.github import workflow_commands

        workspace = os.environ.get("GITHUB_WORKSPACE", "")
        failures = not config.pluginmanager.hasplugin(_ANNOTATES_FAILURES)
        for line in workflow_commands(report, workspace, failures=failures):
            terminal.write_line(line)


def append_summary(config: pytest.Config, report: Report) -> None:
    """Appends the report to the step's summary. A summary that cannot be written is remarked, and fails nothing."""
    path = os.environ.get(SUMMARY, "")
    if not (_is_here() and path):
        return
    from pytest_parallel_agents.reports.formats.github import step_summary

    try:
        with Path(path).open("ab") as file:
            content = step_summary(report, MOST_BYTES - file.tell())
            file.write(content)
    except OSError as error:
        remark(config, [f"the summary for GitHub cannot be written to {path}: {error.strerror}"])
        return
    if not content:
        remark(config, [f"the summary for GitHub is left out: {path} would have more than {MOST_BYTES:,} bytes"])


def _is_here() -> bool:
    return os.environ.get("GITHUB_ACTIONS") == "true"
