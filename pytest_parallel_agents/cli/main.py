"""The console script's commands, and the boundary where mistakes become an exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

from pytest_parallel_agents.cli.init import command as init
from pytest_parallel_agents.errors import AgentsError

USAGE_ERROR: Final = 4
"""As pytest has it."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE_ERROR, f"ERROR: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    parser: argparse.ArgumentParser = _Parser(
        prog="pytest-parallel-agents", description="Commands that go with pytest --agents."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    init.add_to(commands)
    chosen = parser.parse_args(arguments)
    try:
        chosen.run(chosen)
    except AgentsError as error:
        sys.stderr.writelines(f"ERROR: {line}\n" for line in error.lines)
        return USAGE_ERROR
    return 0
