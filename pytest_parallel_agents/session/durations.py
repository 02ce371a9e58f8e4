"""The durations of checks in earlier runs, from which the scheduler's estimates come.

The controller alone reads and writes it. A file that is missing, locked, corrupt or not writable costs the estimates
and nothing else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from pytest_parallel_agents.model.results import Outcome, Result

_FILE: Final = "durations.sqlite3"
_TABLE: Final = "CREATE TABLE IF NOT EXISTS durations (nodeid TEXT PRIMARY KEY, seconds REAL NOT NULL) WITHOUT ROWID"
_ANY: Final = "surrogatepass"
"""Names of files need not be valid Unicode."""
_BUSY_SECONDS: Final = 1.0
_LONGEST: Final = 30 * 86400.0
"""Seconds beyond which a stored duration is nonsense."""

_NEWEST_WEIGHT: Final = 0.6
"""One slow run on a busy machine should not reverse the order, and a check that got slower should soon count so."""


class Durations:
    """Durations by node id, in seconds."""

    def __init__(self, folder: Path | None) -> None:
        self._file = None if folder is None else folder / _FILE

    @classmethod
    def of(cls, config: pytest.Config) -> Durations:
        """Those in pytest's cache folder; none with `-p no:cacheprovider`."""
        cache = getattr(config, "cache", None)
        try:
            return cls(None if cache is None else Path(cache.mkdir("parallel-agents")))
        except OSError:
            return cls(None)  # pytest's own cache warns of it

    def load(self) -> dict[str, float]:
        """The known durations."""
        try:
            with self._open() as database:
                rows: list[tuple[str, Any]] = database.execute("SELECT nodeid, seconds FROM durations").fetchall()
        except (sqlite3.Error, OSError, UnicodeError):
            return {}
        return {nodeid: seconds for nodeid, seconds in rows if _can_be(seconds, _LONGEST)}

    def save(self, results: Iterable[Result], known: Mapping[str, float], *, most: float = _LONGEST) -> None:
        """Blends in the measurements of a run of `most` seconds. A file that cannot be read is replaced."""
        rows = list(_blended(results, known, most))
        try:
            self._write(rows)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                return  # locked, full or read-only: the next run has fewer estimates
            self._replace(rows)
        except OSError:
            return

    def _replace(self, rows: list[tuple[str, float]]) -> None:
        try:
            if self._file is not None:
                self._file.unlink(missing_ok=True)
            self._write(rows)
        except (sqlite3.Error, OSError):
            return

    def _write(self, rows: list[tuple[str, float]]) -> None:
        with self._open() as database, database:
            encoded = ((nodeid.encode(errors=_ANY), seconds) for nodeid, seconds in rows)
            database.executemany("INSERT OR REPLACE INTO durations VALUES (CAST(? AS TEXT), ?)", encoded)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        if self._file is None:
            raise OSError("there is no cache folder")
        with closing(sqlite3.connect(self._file, timeout=_BUSY_SECONDS)) as database:
            database.text_factory = partial(str, encoding="utf-8", errors=_ANY)
            database.execute("PRAGMA synchronous = OFF")  # durability is not worth a disk's flush here
            database.execute(_TABLE)
            yield database


def _blended(results: Iterable[Result], known: Mapping[str, float], most: float) -> Iterator[tuple[str, float]]:
    for result in results:
        if result.last is None or result.outcome in (Outcome.CRASHED, Outcome.TIMED_OUT, Outcome.CANCELLED):
            continue
        nodeid, seconds = result.check.nodeid, result.last.duration
        if not _can_be(seconds, most):
            continue
        old = known.get(nodeid, seconds)
        yield nodeid, _NEWEST_WEIGHT * seconds + (1 - _NEWEST_WEIGHT) * old


def _can_be(seconds: object, most: float) -> bool:
    """Whether a check may have taken so long: a clock that was set or stopped meanwhile gives nonsense."""
    return isinstance(seconds, float) and 0 <= seconds <= most
