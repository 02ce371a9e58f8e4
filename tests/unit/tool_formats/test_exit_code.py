from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.model.results import Finding, Level
from pytest_parallel_agents.tool_formats import exit_code
from pytest_parallel_agents.tool_formats.output import Output

ROOT = Path("/root-of-the-project")


def output(text: str, *, exit_code: int = 0, stderr: str = "") -> Output:
    return Output(exit_code=exit_code, stdout=text, stderr=stderr)


@pytest.mark.parametrize(
    ("stdout", "stderr", "message"),
    [("", "", "exit code 3"), ("a\nb\n", "", "exit code 3: b"), ("a", "c\n", "exit code 3: c")],
)
def test_an_exit_code_is_a_finding_with_the_last_words(stdout: str, stderr: str, message: str) -> None:
    evidence = exit_code.read(output(stdout, exit_code=3, stderr=stderr), ROOT)

    assert evidence.findings == (Finding(rule="", level=Level.ERROR, message=message),)
