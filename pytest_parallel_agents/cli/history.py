"""The command that shows earlier runs, as far as their reports are kept."""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path
from typing import Final

from pytest_parallel_agents.collection.cache_folder import lasting_folders
from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.printable import escape
from pytest_parallel_agents.several_runs.history import PastRun
from pytest_parallel_agents.several_runs.kept_reports import FOLDER, KeptReports
from pytest_parallel_agents.several_runs.listing import describe_check, describe_runs

WHAT: Final = "Show earlier runs whose reports are kept: all, or those of one check."

_KEEP: Final = "set keep = 30 in [tool.pytest-parallel-agents], and run pytest --agents"
_MOST_NAMED: Final = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("nodeid", nargs="?", metavar="NODEID", help="the check whose runs to show (default: all runs)")
    parser.add_argument(
        "--cache-dir", default=".pytest_cache", metavar="DIR", help="pytest's cache_dir (default: .pytest_cache)"
    )


def run(arguments: argparse.Namespace) -> None:
    runs = kept_runs(Path.cwd(), arguments.cache_dir)
    if not runs:
        raise AgentsError("no reports are kept here", hint=_KEEP)
    lines = describe_runs(runs) if arguments.nodeid is None else _lines_of_check(arguments.nodeid, runs)
    sys.stdout.writelines(f"{line}\n" for line in lines)


def kept_runs(here: Path, cache: str) -> list[PastRun]:
    """Of the nearest folder with kept reports, from `here` upwards: oldest first."""
    for root in (here, *here.parents):
        runs = [run for folder in lasting_folders(root, root / cache) for run in KeptReports(folder / FOLDER).runs()]
        if runs:
            return sorted(runs, key=lambda run: run.run.started)
    return []


def _lines_of_check(nodeid: str, runs: list[PastRun]) -> list[str]:
    known = {check.nodeid: None for run in reversed(runs) for check in run.checks}
    if nodeid not in known:
        similar = [one for one in known if nodeid in one] or difflib.get_close_matches(nodeid, known)
        hint = f"did you mean {', '.join(map(escape, similar[:_MOST_NAMED]))}?" if similar else ""
        raise AgentsError(f"no kept report has the check {escape(nodeid)}", hint=hint)
    return describe_check(nodeid, runs)
