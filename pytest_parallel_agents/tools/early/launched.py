"""A command that the launcher has started, until its process group is gone."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, suppress
from math import inf
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from pytest_parallel_agents.early_bound import time
from pytest_parallel_agents.model.plan import Lock
from pytest_parallel_agents.process_tree import KILL, group_runs, signal_group
from pytest_parallel_agents.tools.early.groups import group_file
from pytest_parallel_agents.tools.early.messages import State
from pytest_parallel_agents.tools.streams import STREAMS

SETTLE_SECONDS: Final = 0.1
"""Seconds that what a command leaves behind may take to end."""

Streams = Mapping[str, BinaryIO]


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A command that may begin early: what it needs, and its time limit in seconds.

    `scratch` makes a folder for its temporary files. `start` starts it with that folder and files for its streams, and
    returns its process and fingerprint, or raises. `is_stale` is whether what it judges has changed since.
    """

    nodeid: str
    cpus: int
    locks: tuple[Lock, ...]
    limit: float | None
    scratch: Callable[[], AbstractContextManager[Path]]
    start: Callable[[Path, Streams], tuple[subprocess.Popen[bytes], str]]
    is_stale: Callable[[], bool]


class Launched:
    """The command of a job, which starts now. Its output goes into files in `folder` that begin with `name`.

    It is asked to end when its time limit has passed or it has left processes behind, unless it `is_taken` by then: in
    its check's turn both are reported. After `grace` seconds it is killed.
    """

    def __init__(self, job: Job, folder: Path, name: str, grace: float) -> None:
        self.job = job
        self.is_taken = False
        self._files = {stream: folder / f"{name}.{stream}" for stream in STREAMS}
        self._grace = grace
        self._kept = ExitStack()
        self._until: float | None = None
        self._is_over = self._is_ended = False
        self._kill_at = inf
        try:
            scratch = self._kept.enter_context(job.scratch())
            with ExitStack() as opened:
                streams = {name: opened.enter_context(file.open("wb")) for name, file in self._files.items()}
                self._since = time.monotonic()
                self._process, self._fingerprint = job.start(scratch, streams)
            self._group = group_file(folder, self._process.pid)
            with suppress(OSError):
                self._group.touch()
        except BaseException:
            self._kept.close()
            raise

    @property
    def is_over(self) -> bool:
        """Whether it and all that it has left behind have ended."""
        return self._is_over

    @property
    def counts(self) -> bool:
        """Whether it was not asked to end."""
        return not self._is_ended

    @property
    def is_urgent(self) -> bool:
        """Whether it should be looked at often."""
        return not self._is_over and (self._is_ended or self._until is not None)

    @property
    def due(self) -> float:
        """When its time limit passes."""
        is_limited = self.job.limit is not None and not self.is_taken and not self._is_ended and self._until is None
        return self._since + (self.job.limit or 0.0) if is_limited else inf

    @property
    def state(self) -> State:
        return State(
            nodeid=self.job.nodeid,
            since=self._since,
            until=self._until if self._is_over else None,
            exit_code=self._process.returncode if self._is_over else None,
            stdout=str(self._files["stdout"]),
            stderr=str(self._files["stderr"]),
            fingerprint=self._fingerprint,
        )

    def end(self) -> None:
        """Asks it to end. It does not count any more."""
        if not self._is_over and not self._is_ended:
            self._kill_at = time.monotonic() + self._grace
            signal_group(self._process.pid, signal.SIGTERM)
        self._is_ended = True

    def look(self, now: float) -> None:
        """Notices that it has ended, and does what is due."""
        if self._is_over:
            return
        if self._until is None and self._process.poll() is not None:
            self._until = now
        if self._until is not None and not self._leaves_something:
            self._is_over = True
            self._group.unlink(missing_ok=True)
            self._kept.close()
        elif now >= self.due or (self._until is not None and now > self._until + SETTLE_SECONDS):
            self.end()
        if now >= self._kill_at:
            signal_group(self._process.pid, KILL)

    @property
    def _leaves_something(self) -> bool:
        return signal_group(self._process.pid, 0) and group_runs(self._process.pid)
