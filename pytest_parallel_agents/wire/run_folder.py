"""The folder of one run, and every file in it, by which its controller and its workers exchange data.

A run that is killed cannot remove its folder, so the next one does.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from pytest_parallel_agents.locked_folders import PREFIX, locked, remove_dead

STREAMS: Final = ("stdout", "stderr")
"""The names of a worker's files of output."""


class WorkerFiles(msgspec.Struct, frozen=True):
    """The files of one worker, which are in the run's `folder`."""

    folder: Path
    worker: str

    @property
    def journal(self) -> Path:
        """Messages that have not been sent yet."""
        return self._file("journal")

    @property
    def setups(self) -> Path:
        """The log of when fixtures were set up and torn down."""
        return self._file("setups")

    @property
    def stacks(self) -> Path:
        """The output of faulthandler at a crash, or at the controller's signal."""
        return self._file("stacks")

    @property
    def timed_stacks(self) -> Path:
        """The output of faulthandler's timer."""
        return self._file("stacks.timed")

    @property
    def errors(self) -> Path:
        """The standard error of a fresh interpreter, outside of tests."""
        return self._file("errors")

    @property
    def coverage(self) -> Path:
        """What a worker measures that sends it in its last message. pytest-cov puts a suffix after the name."""
        return self._file("coverage")

    def output(self, stream: str) -> Path:
        """The output of the running check."""
        return self._file(stream)

    def command_output(self, stream: str) -> Path:
        """The output of a configured command, which pytest does not capture."""
        return self._file(f"command.{stream}")

    def live_output(self, stream: str) -> Path:
        """The pipe that output goes through under `-s`."""
        return self._file(f"{stream}.live")

    @property
    def carried(self) -> dict[str, Path]:
        """Those that a worker on another machine fills there, by the names under which they cross."""
        outputs = (f"{to}{it}" for to in ("", "command.") for it in STREAMS)
        names = "journal", "setups", "stacks", "stacks.timed", "errors", *outputs
        return {name: self._file(name) for name in names}

    def _file(self, what: str) -> Path:
        return self.folder / f"{self.worker}.{what}"


class RunFolder(msgspec.Struct, frozen=True):
    """The folder of one run, at `path`."""

    path: Path

    def of(self, worker: str) -> WorkerFiles:
        """The files of the worker of this name."""
        return WorkerFiles(self.path, worker)

    @property
    def setups(self) -> Iterator[Path]:
        """The logs of all workers."""
        return self.path.glob(WorkerFiles(self.path, "*").setups.name)

    @property
    def cache(self) -> Path:
        """The copy of pytest's cache by which all workers select their tests."""
        return self.path / "cache"

    @property
    def parameters(self) -> Path:
        """The digests of the parameters that the first worker has collected."""
        return self.path / "parameters"

    @property
    def shared(self) -> Iterator[Path]:
        """What workers read and none of them writes again, for another machine."""
        for folder in (self.cache, self.parameters):
            yield from folder.rglob("*")

    def is_first_to_report(self, text: str) -> bool:
        """Whether no other process of the run has reported this yet."""
        name = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        try:
            (self.path / f"reported-{name}").touch(exist_ok=False)
        except FileExistsError:
            return False
        except OSError:  # rather reported twice than not at all
            return True
        return True


@contextmanager
def made_run_folder() -> Iterator[RunFolder]:
    """A new folder that only this user can enter, and that is removed afterwards. Those of killed runs are removed
    first, and those of its killed workers last.
    """
    temporary = tempfile.gettempdir()
    remove_dead(temporary)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        with locked(str(folder)):
            yield RunFolder(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # without a free descriptor only an empty one can be removed
            folder.rmdir()
        remove_dead(temporary)
