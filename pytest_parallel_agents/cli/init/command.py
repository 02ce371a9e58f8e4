"""The command itself: its arguments and what it prints. The table goes to stdout, everything else to stderr."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pytest_parallel_agents.cli.init.destination import Destination, find_destination
from pytest_parallel_agents.cli.init.layout import find_layout
from pytest_parallel_agents.cli.init.project import find_project
from pytest_parallel_agents.cli.init.proposal import Proposal, propose
from pytest_parallel_agents.cli.init.rendering import render
from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.tools.adapters.registry import ADAPTERS

WHAT: Final = "Look for known tools in a project and print the table that makes them checks of pytest --agents."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), help="the project (default: this folder)")
    parser.add_argument("--write", action="store_true", help="add the table to the project's configuration file")


def run(arguments: argparse.Namespace) -> None:
    """Prints the table, and with `--write` adds it to its file. Raises AgentsError when that cannot be done."""
    folder: Path = arguments.folder.absolute()
    if not folder.is_dir():
        raise AgentsError(f"{arguments.folder} is no folder", hint="name the folder of a project")
    project = find_project(folder)
    destination = find_destination(project)
    if arguments.write:
        destination.refuse_second_table()
    proposal = propose(project, find_layout(project), ADAPTERS)
    text = render(proposal, destination.header)
    if arguments.write:
        destination.add(text)
    sys.stdout.write(text)
    sys.stderr.write("\n" + "".join(f"{line}\n" for line in _next_steps(proposal, destination, arguments)))


def _next_steps(proposal: Proposal, destination: Destination, arguments: argparse.Namespace) -> Iterator[str]:
    """Lines on what was done and the next steps: install what is missing, and run it."""
    folder: Path = arguments.folder
    if arguments.write:
        yield f"added to {destination.path}"
    elif destination.taken_by is not None:
        yield f"nothing to write: {destination.taken_by} has this table already"
    else:
        where = "" if folder == Path() else f" {shlex.quote(str(folder))}"
        yield f"next: pytest-parallel-agents init{where} --write, which adds this to {destination.path}"
    missing = [choice.tool for choice in proposal.choices if choice.settings.get("optional")]
    if missing:
        yield f"next: install {', '.join(missing)}, or their checks are skipped"
    yield "then: pytest --agents" if missing or not arguments.write else "next: pytest --agents"
