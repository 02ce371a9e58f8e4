"""Reads the output of a language model's command line.

What counts is in this order: the program's own error, its exit code, and whether there is one whole answer.
"""

from __future__ import annotations

from pathlib import Path

from pytest_parallel_agents.model.results import Evidence
from pytest_parallel_agents.tool_formats import findings
from pytest_parallel_agents.tool_formats.answers import own_error
from pytest_parallel_agents.tool_formats.output import Output, Unreadable


def read(output: Output, root: Path) -> Evidence:
    """The findings of the answer. Raises Unreadable when the program reports an error or has failed, or when there is
    no answer.
    """
    refuse_failure(output)
    return findings.read(output, root)


def refuse_failure(output: Output) -> None:
    """Raises Unreadable with the program's own error when it has failed."""
    if output.exit_code == 0:
        return
    error = own_error(output.stdout, output.sent) or own_error(output.stderr, output.sent)
    raise Unreadable(f"it reports an error: {error}" if error else output.reason() or "it has failed without a reason")
