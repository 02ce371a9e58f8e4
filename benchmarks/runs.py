"""One pytest run of a project: what it wrote, how it ended, how long it took."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import executed, junit
from benchmarks.processes import RunFailed, log_tail, measure
from benchmarks.projects import Project

_LAST_LINE = re.compile(r" in \d+\.\d+s\b")
_WARNINGS = re.compile(r"\b(\d+) warnings?\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """`lines` is empty without coverage; `seconds` is the wall clock of the whole process.

    `warnings` is the number of pytest's last line.
    """

    suite: junit.Suite
    lines: executed.Lines
    exit_code: int
    warnings: int
    seconds: float


def run_pytest(project: Project, arguments: Sequence[str], *, cov: bool) -> Run:
    """Run `pytest` with these arguments in the project's folder. What it writes stays in the project's outputs.

    Raises RunFailed when it hangs or leaves nothing to compare.
    """
    folder = _fresh_folder(project, arguments)
    command = [str(project.environment.scripts / "pytest"), *_reporting(folder, cov=cov), *arguments]
    variables = {"COVERAGE_FILE": str(folder / "coverage"), "PYTHONHASHSEED": "0"}  # some print sets
    usage = measure(command, cwd=project.source, log=folder / "log.txt", variables=variables)
    for file in ("junit.xml", "coverage.json") if cov else ("junit.xml",):
        if not (folder / file).exists():
            tail = log_tail(folder / "log.txt")
            raise RunFailed(f"wrote no {file} and exited with {usage.exit_code}; its output ended:\n{tail}")
    return Run(
        suite=junit.parse((folder / "junit.xml").read_text("utf-8")),
        lines=executed.parse((folder / "coverage.json").read_text("utf-8")) if cov else {},
        exit_code=usage.exit_code,
        warnings=count_warnings((folder / "log.txt").read_text("utf-8", "replace")),
        seconds=usage.wall,
    )


def count_warnings(log: str) -> int:
    """How many warnings pytest counts in the last line of its output that names the duration; 0 without such a line."""
    counted = 0
    for line in log.splitlines():
        if _LAST_LINE.search(line):
            found = _WARNINGS.search(line)
            counted = int(found[1]) if found else 0
    return counted


def _fresh_folder(project: Project, arguments: Sequence[str]) -> Path:
    label = re.sub(r"\W+", "-", " ".join(arguments)).strip("-") or "serial"
    folder = project.outputs / label
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _reporting(folder: Path, *, cov: bool) -> list[str]:
    # coverage slows tests down, and with it what a few of them print of time and garbage: it is compared without
    logging = "no" if cov else "all"
    arguments = ["-p", "no:cacheprovider", "-o", "junit_family=xunit2", "-o", f"junit_logging={logging}"]
    arguments += ["--junitxml", str(folder / "junit.xml")]
    if cov:
        arguments += ["--cov", f"--cov-report=json:{folder / 'coverage.json'}"]
    return arguments
