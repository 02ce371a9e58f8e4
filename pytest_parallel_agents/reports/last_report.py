"""The report of the last run below a root. Each run keeps it, so that it can be explained without running again.

It is in pytest's cache folder where that is at its usual place below the root, and otherwise in a folder of this user
beside other temporary files: whoever looks for it knows the root and no options.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.private_folders import is_safe, made_safe, private_folder
from pytest_parallel_agents.reports.formats.files import write_atomically
from pytest_parallel_agents.reports.formats.json_report import encode
from pytest_parallel_agents.reports.reading import read_report
from pytest_parallel_agents.reports.report import Report

CACHE: Final = ".pytest_cache"
"""The usual place of pytest's cache below the root."""

_NAME: Final = "last-report.json"
_IN_CACHE: Final = Path(CACHE, "d", "parallel-agents", _NAME)
_MOST_ROOTS: Final = 20
"""Of how many roots there is a report in this user's private folders."""


def keep_report(report: Report, *, in_cache: bool) -> None:
    """Keeps it as the last one of its root. Where nothing can be written nothing is kept."""
    root = Path(report.run.root)
    with suppress(AgentsError, OSError):
        if in_cache:
            write_atomically(root / _IN_CACHE, encode(report))
        elif made_safe(folder := private_folder(root)):
            write_atomically(folder / _NAME, encode(report))
            _drop_oldest(folder.parent)


def last_report(here: Path) -> Report:
    """The report of the last run at `here` or the nearest folder above. Raises AgentsError if there is none."""
    for root in (here.resolve(), *here.resolve().parents):
        if kept := list(_kept(root)):
            return read_report(max(kept, key=lambda path: path.stat().st_mtime_ns))
    raise AgentsError(f"no run of pytest --agents has left a report for {here}", hint="run pytest --agents first")


def _kept(root: Path) -> Iterator[Path]:
    if (path := root / _IN_CACHE).is_file():
        yield path
    if is_safe(folder := private_folder(root)) and (path := folder / _NAME).is_file():
        yield path


def _drop_oldest(folders: Path) -> None:
    newest_first = sorted(folders.glob(f"*/{_NAME}"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in newest_first[_MOST_ROOTS:]:
        path.unlink(missing_ok=True)
