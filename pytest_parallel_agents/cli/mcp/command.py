"""The command that starts the MCP server."""

from __future__ import annotations

import argparse
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from pytest_parallel_agents.errors import AgentsError

WHAT: Final = "Serve assistants over MCP: run checks, read the last report, explain. It talks on stdin and stdout."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--root", default=".", metavar="DIR", help="the project's folder (default: the current one)")


def run(arguments: argparse.Namespace) -> None:
    if find_spec("mcp") is None:
        raise AgentsError(
            "the MCP server needs the package mcp", hint="pip install 'pytest-parallel-agents[mcp]' installs it"
        )
    root = Path(arguments.root).resolve()
    if not root.is_dir():
        raise AgentsError(f"--root {arguments.root} is no folder", hint="name the project's folder")
    from pytest_parallel_agents.cli.mcp.server import serve

    serve(root)
