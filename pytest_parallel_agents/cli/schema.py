"""The command that prints the JSON Schemas of the report and of what commands write."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Final

from pytest_parallel_agents.reports.schema import SCHEMAS, generate

WHAT: Final = "Print the JSON Schema of the report, of the findings that commands write, or of a model's answer."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", choices=SCHEMAS, default="report", help="which one (default: report)")


def run(arguments: argparse.Namespace) -> None:
    sys.stdout.write(json.dumps(generate(arguments.name), indent=2) + "\n")
