"""`pytest-parallel-agents merge A.json B.json -o OUT`: the report of a run whose shards ran on several machines."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from pytest_parallel_agents.errors import AgentsError, UsageFaults
from pytest_parallel_agents.reports.formats.suffixes import format_for, write_report
from pytest_parallel_agents.reports.phrases import counted, seconds
from pytest_parallel_agents.reports.reading import read_report
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.several_runs.merging import merged

WHAT: Final = "Merge the reports of all shards of a run, or rank and write a single report again."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("reports", nargs="+", type=Path, metavar="REPORT", help="a .json report")
    parser.add_argument(
        "-o",
        "--output",
        action="append",
        required=True,
        type=Path,
        metavar="PATH",
        help="where to write the report of the whole run; the suffix picks the format. Repeatable",
    )


def run(arguments: argparse.Namespace) -> int:
    """Returns the exit code of the whole run. Raises UsageFaults when the reports do not belong together."""
    for path in arguments.output:
        format_for(path)
    report = merged(_read(arguments.reports))
    for path in arguments.output:
        write_report(report, path)
    sys.stdout.write(f"{_summary(report)}\n")
    return report.run.exit_code


def _read(paths: list[Path]) -> dict[str, Report]:
    """The reports by their paths. Raises UsageFaults with every file that is none."""
    found, faults = {}, []
    for path in dict.fromkeys(paths):
        try:
            found[str(path)] = read_report(path)
        except AgentsError as fault:
            faults.append(fault)
    if faults:
        raise UsageFaults(faults)
    return found


def _summary(report: Report) -> str:
    bad = sum(check.outcome.bad for check in report.checks)
    checks = f"{counted(len(report.checks), 'check')}, {bad:,} bad"
    shards = f" in {counted(len(report.shards), 'shard')}" if report.shards else ""
    return f"{checks}{shards}, {seconds(report.timing.makespan)}; exit code {report.run.exit_code}"
