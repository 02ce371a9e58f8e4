"""JSON lines: one finding on each line, with the keys of the format `findings`."""

from __future__ import annotations

from pathlib import Path

from pytest_parallel_agents.agents.formats.decoding import FindingShape, decode_lines
from pytest_parallel_agents.agents.output import Output
from pytest_parallel_agents.model import Evidence


def read(output: Output, root: Path) -> Evidence:
    return Evidence(findings=tuple(shape.finding(root) for shape in decode_lines(output.stdout, FindingShape)))
