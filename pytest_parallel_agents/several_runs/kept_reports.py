"""The reports of the last runs: one compressed file each, in a folder that only this module writes to.

Several runs may write at the same time. What cannot be written or read costs the history and nothing else.
"""

from __future__ import annotations

import gzip
import re
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

import msgspec

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.reports.formats.files import write_atomically
from pytest_parallel_agents.reports.formats.json_report import encode
from pytest_parallel_agents.reports.reading import decode_as
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.several_runs.history import PastRun
from pytest_parallel_agents.several_runs.keeping import Keeping

FOLDER: Final = "reports"
"""Below the folder of what is cached from run to run."""

_SUFFIX: Final = ".json.gz"
_LEVEL: Final = 3
"""Of 20,000 checks, 9 MB become 1.2 MB in 0.12 s; the default level makes 0.9 MB of them in 0.25 s."""
_LARGEST: Final = 512 * 1024 * 1024
"""Bytes of an unpacked report beyond which a file was not made by us."""


class KeptReports:
    """The kept reports in `folder`, which is made when it is needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, report: Report, keeping: Keeping) -> None:
        """Keeps the report, without its history, and drops the oldest ones that are too many or too large together."""
        content = gzip.compress(encode(msgspec.structs.replace(report, history=None)), _LEVEL, mtime=0)
        started = re.sub(r"\D", "", report.run.started)
        with suppress(AgentsError, OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomically(self._folder / f"{started}-{uuid4().hex[:8]}{_SUFFIX}", content)
            self._drop(keeping)

    def runs(self) -> list[PastRun]:
        """What they hold, oldest first."""
        return [run for path in self._files() if (run := _read(path)) is not None]

    def _files(self) -> list[Path]:
        """Oldest first: their names begin with the time when the run started."""
        try:
            return sorted(path for path in self._folder.iterdir() if path.name.endswith(_SUFFIX))
        except OSError:
            return []

    def _drop(self, keeping: Keeping) -> None:
        room = keeping.most_bytes
        for number, path in enumerate(reversed(self._files())):
            room -= path.stat().st_size
            if number >= keeping.reports or room < 0:
                path.unlink(missing_ok=True)


def _read(path: Path) -> PastRun | None:
    try:
        with gzip.open(path) as file:
            content = file.read(_LARGEST)
        return decode_as(PastRun, content, where=str(path))
    except (OSError, EOFError, zlib.error, AgentsError):
        return None
