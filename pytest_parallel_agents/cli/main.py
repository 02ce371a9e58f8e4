"""The console script's commands, and the boundary where errors become an exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Final, NoReturn, Protocol

from pytest_parallel_agents.cli import explain, history, merge, schema
from pytest_parallel_agents.cli.init import command as init
from pytest_parallel_agents.cli.mcp import command as mcp
from pytest_parallel_agents.errors import AgentsError

USAGE_ERROR: Final = 4
"""pytest's exit code for it."""


class Command(Protocol):
    """A command of the console script: one module each."""

    @property
    def WHAT(self) -> str:  # noqa: N802 - a module's constant
        """Its purpose, for people."""
        ...

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, arguments: argparse.Namespace) -> int | None:
        """Do it, and return the exit code unless that is 0. Raises AgentsError when it cannot be done."""


COMMANDS: Final[Mapping[str, Command]] = {
    "init": init,
    "explain": explain,
    "history": history,
    "mcp": mcp,
    "merge": merge,
    "schema": schema,
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE_ERROR, f"ERROR: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    parser: argparse.ArgumentParser = _Parser(
        prog="pytest-parallel-agents", description="Commands that go with pytest --agents."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        subparser = commands.add_parser(name, help=command.WHAT, description=command.WHAT)
        command.add_arguments(subparser)
        subparser.set_defaults(run=command.run)
    chosen = parser.parse_args(arguments)
    try:
        code: int | None = chosen.run(chosen)
        sys.stdout.flush()
    except AgentsError as error:
        sys.stderr.writelines(f"ERROR: {line}\n" for line in error.lines)
        return USAGE_ERROR
    except BrokenPipeError:  # the reader, such as `head`, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code or 0
