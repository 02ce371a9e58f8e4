"""The report of the last run below a root. Each run keeps it, so that it can be explained without running again.

It is in pytest's cache folder where that is at its usual place below the root, and otherwise in a folder of this user
beside other temporary files: whoever looks for it knows the root and no options.
"""

from __future__ import annotations

import getpass
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.private_folders import is_private
from pytest_parallel_agents.reports.formats.files import write_atomically
from pytest_parallel_agents.reports.formats.json_report import encode
from pytest_parallel_agents.reports.reading import read_report
from pytest_parallel_agents.reports.report import Report

CACHE: Final = ".pytest_cache"
"""The usual place of pytest's cache below the root."""

_IN_CACHE: Final = Path(CACHE, "d", "parallel-agents", "last-report.json")
_MOST_ROOTS: Final = 20
"""Of how many roots the private folder keeps a report."""


def keep_report(report: Report, *, in_cache: bool) -> None:
    """Keeps it as the last one of its root. Where nothing can be written nothing is kept."""
    root = Path(report.run.root)
    path = root / _IN_CACHE if in_cache else _private_file(root)
    with suppress(AgentsError, OSError):
        if not in_cache:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            if not is_private(path.parent):
                return
        write_atomically(path, encode(report))
        if not in_cache:
            _drop_oldest(path.parent)


def last_report(here: Path) -> Report:
    """The report of the last run at `here` or the nearest folder above. Raises AgentsError if there is none."""
    for root in (here.resolve(), *here.resolve().parents):
        if kept := list(_kept(root)):
            return read_report(max(kept, key=lambda path: path.stat().st_mtime_ns))
    raise AgentsError(f"no run of pytest --agents has left a report for {here}", hint="run pytest --agents first")


def _kept(root: Path) -> Iterator[Path]:
    if (path := root / _IN_CACHE).is_file():
        yield path
    if (path := _private_file(root)).is_file() and is_private(path.parent):
        yield path


def _private_file(root: Path) -> Path:
    digest = hashlib.sha256(str(root).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return Path(tempfile.gettempdir(), f"pytest-parallel-agents-{_user()}", f"{digest}.json")


def _user() -> str:
    with suppress(Exception):  # an unknown user raises KeyError or ImportError before Python 3.13, then OSError
        return getpass.getuser()
    return "unknown"


def _drop_oldest(folder: Path) -> None:
    newest_first = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in newest_first[_MOST_ROOTS:]:
        path.unlink(missing_ok=True)
