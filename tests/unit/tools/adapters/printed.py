"""What a tool that prints JSON is taken to have printed."""

from __future__ import annotations

import json

from pytest_parallel_agents.tool_formats.output import Output


def printed(document: object, *, exit_code: int = 0, stderr: str = "") -> Output:
    return Output(exit_code=exit_code, stdout=json.dumps(document), stderr=stderr)
