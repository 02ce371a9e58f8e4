"""The command that explains one check or cause of the last run, whole."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from pytest_parallel_agents.reports.explanations import explanation
from pytest_parallel_agents.reports.formats.json_report import render
from pytest_parallel_agents.reports.last_report import last_report
from pytest_parallel_agents.reports.naming import named
from pytest_parallel_agents.reports.reading import read_report

WHAT: Final = "Print all that the last run has found out about one check or one cause."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="NODEID|CAUSE", help="a check, or a cause: its number, path:line or function")
    parser.add_argument(
        "--report", type=Path, metavar="PATH", help="a .json report (default: that of the last run in this folder)"
    )
    parser.add_argument("--json", action="store_true", help="print the entry of the report")


def run(arguments: argparse.Namespace) -> None:
    report = last_report(Path.cwd()) if arguments.report is None else read_report(arguments.report)
    found = named(report, arguments.what)
    if arguments.json:
        sys.stdout.write(render(found).decode())
    else:
        sys.stdout.writelines(f"{line}\n" for line in explanation(report, found))
