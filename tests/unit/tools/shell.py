"""Runs commands of a project as their checks do."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pytest_parallel_agents.model.results import Evidence
from pytest_parallel_agents.tool_formats.output import Output
from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.execution import execute
from pytest_parallel_agents.tools.interpretation import interpret
from pytest_parallel_agents.tools.invocation import Invocation


@dataclass(frozen=True, slots=True)
class Shell:
    """Runs commands of one project."""

    root: Path
    spec_of: Callable[..., CommandSpec]

    def python(self, code: str, *, chosen: str | None = None, **keys: object) -> Output:
        return self.run(self.spec_of(command=[sys.executable, "-c", code], **keys), chosen=chosen)

    def run(self, spec: CommandSpec, *, chosen: str | None = None, host: str = "") -> Output:
        root = self.root
        invocation = Invocation(chosen=chosen, root=root, scratch=root, cache=root / "cache", host=host)
        return execute(spec, invocation)

    def interpret(self, output: Output, **keys: object) -> Evidence:
        return interpret(self.spec_of(**{"command": ["x"], **keys}), output, root=self.root)


def said(exit_code: int = 0, stdout: str = "", stderr: str = "") -> Output:
    return Output(exit_code=exit_code, stdout=stdout, stderr=stderr)
