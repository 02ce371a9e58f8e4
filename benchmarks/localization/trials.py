"""Runs of trees that have a fault, and what is kept of each on disk, so that nothing runs twice."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.localization.faults import Fault
from benchmarks.processes import RunFailed, log_tail, measure

CHECK_LIMIT: Final = 5
RUN_LIMIT: Final = 60
"""Seconds."""

_ARGUMENTS = ("--agents", "-n2", f"--agents-timeout={CHECK_LIMIT}", "--agents-recheck=off")
"""Whether a failed test passes alone is no question here, and would take time that is not the second pass's."""

_NOT_COPIED = (".git", ".hg", ".tox", ".venv", "__pycache__", ".pytest_cache", ".hypothesis")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """Sources with their tests. `imports`: folders below it that come first in the module search path."""

    folder: Path
    python: Path
    imports: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A tree with a fault. `edited`: by path, the files that differ from the tree's.

    `failing`: the tests that fail because of the fault; None for all that do.
    """

    fault: Fault
    tree: Tree
    edited: Mapping[str, bytes] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    failing: frozenset[str] | None = None

    @property
    def key(self) -> str:
        """Names what runs, not what is known of it."""
        parts = [str(self.tree.folder), *self.tree.arguments, *self.arguments]
        parts += [f"{path}={hashlib.sha256(text).hexdigest()}" for path, text in sorted(self.edited.items())]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]

    def fails_in(self, failing: Container[str]) -> bool:
        """Whether at least one of its tests is among these."""
        return self.failing is None or any(test in failing for test in self.failing)


class Status(StrEnum):
    """How a trial ended. Only of those that `FAILED` can a place be asked."""

    FAILED = "failed"
    PASSED = "passed"
    BROKEN = "broken"
    OVERRUN = "overrun"


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a trial. `report`: the JSON report. `log`: the end of what was printed. `version`: what ran."""

    status: Status
    seconds: float
    version: str = ""
    report: bytes = b""
    log: str = ""


class Store:
    """Finished trials in a folder, a file each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def find(self, trial: Trial) -> Tried | None:
        try:
            packed = (self._folder / trial.key).read_bytes()
        except FileNotFoundError:
            return None
        return msgspec.msgpack.decode(gzip.decompress(packed), type=Tried)

    def keep(self, trial: Trial, tried: Tried) -> None:
        file = self._folder / trial.key
        unfinished = file.with_suffix(".new")
        unfinished.write_bytes(gzip.compress(msgspec.msgpack.encode(tried), compresslevel=5))
        unfinished.replace(file)


def attempt(trial: Trial, workspace: Path, *, judge: Callable[[bytes], Status]) -> Tried:
    """Run the suite on a fresh copy of the tree. `judge` reads the report."""
    copy, report, log = workspace / "tree", workspace / "report.json", workspace / "log.txt"
    _copy(trial, copy)
    report.unlink(missing_ok=True)
    search_path = os.pathsep.join(str(copy / folder) for folder in trial.tree.imports)
    variables = {"PYTHONPYCACHEPREFIX": str(workspace / "pycache"), "PYTHONHASHSEED": "0", "PYTHONPATH": search_path}
    command = [str(trial.tree.python), "-m", "pytest", *_ARGUMENTS, f"--agents-report={report}"]
    command += [*trial.tree.arguments, *trial.arguments]
    try:
        usage = measure(command, cwd=copy, log=log, variables=variables, limit=RUN_LIMIT)
    except RunFailed as failure:
        return Tried(status=Status.OVERRUN, seconds=RUN_LIMIT, log=str(failure))
    if not report.exists():
        return Tried(status=Status.BROKEN, seconds=usage.wall, log=log_tail(log))
    text = report.read_bytes()
    return Tried(status=judge(text), seconds=usage.wall, report=text, log=log_tail(log))


def _copy(trial: Trial, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(trial.tree.folder, folder, ignore=shutil.ignore_patterns(*_NOT_COPIED), symlinks=True)
    for path, text in trial.edited.items():
        file = folder / path
        file.write_bytes(text)
        # A compiled module is stale if its size or second differs: each text has a second of its own.
        second = int.from_bytes(hashlib.sha256(text).digest()[:4], "big")
        os.utime(file, (second, second))
