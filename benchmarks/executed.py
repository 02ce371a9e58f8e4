"""Which lines two pytest runs executed, read from coverage's JSON reports and compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

Lines = Mapping[str, frozenset[int]]
"""Executed line numbers by path, as coverage writes it."""


def parse(report: str) -> Lines:
    """Read the text of a coverage JSON report.

    Files outside the folder of the run, whose paths coverage writes in full, are left out. Raises json.JSONDecodeError
    when it is no report.
    """
    files = json.loads(report)["files"]
    return {path: frozenset(entry["executed_lines"]) for path, entry in files.items() if not Path(path).is_absolute()}


def unstable(first: Lines, second: Lines) -> Lines:
    """Lines that only one of two runs of the same command executed."""
    paths = first.keys() | second.keys()
    apart = {path: first.get(path, frozenset()) ^ second.get(path, frozenset()) for path in paths}
    return {path: lines for path, lines in apart.items() if lines}


def differences(serial: Lines, candidate: Lines, *, ignored: Lines) -> list[str]:
    """One readable text for each file whose executed lines differ beyond the ignored ones."""
    found = []
    for path, lines in sorted(unstable(serial, candidate).items()):
        apart = lines - ignored.get(path, frozenset())
        only_serial = sorted(apart & serial.get(path, frozenset()))
        only_candidate = sorted(apart - serial.get(path, frozenset()))
        if only_serial:
            found.append(f"lines of {path} executed serially only: {_ranges(only_serial)}")
        if only_candidate:
            found.append(f"lines of {path} executed by the candidate only: {_ranges(only_candidate)}")
    return found


def _ranges(lines: list[int]) -> str:
    """[1, 2, 3, 7] as `1-3, 7`."""
    runs: list[list[int]] = []
    for line in lines:
        if runs and line == runs[-1][-1] + 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
