"""The stacks of a worker's threads when it crashed or a check hung. The controller reads them once the process has
ended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Final, TextIO

from pytest_parallel_agents.early_bound import builtins, faulthandler, io, signal, time
from pytest_parallel_agents.model.results import Frame
from pytest_parallel_agents.project_paths import project_place

__builtins__ = builtins

DUMP: Final = getattr(signal, "SIGUSR2", None)
"""The signal at which a worker writes its stacks. Windows has none."""

_BEFORE_THE_END = 0.95  # of the limit: when it has passed, the controller ends the process
_MACHINERY = "/_pytest/"
_TIMEOUT = re.compile(r"^Timeout \(.*\)!\n")
_UNLIMITED: Final = nullcontext()
_FRAME: Final = re.compile(r'^  File "(.*)", line (\d+) in ', re.MULTILINE)
_MACHINERY_THREADS = (" in _thread_receiver", " in _send_old", " in sample_stacks")


class Stacks:
    """The files that a crash or a hang writes to: `file` at once or at a signal, `timed` shortly before a time limit.

    On a busy machine both are written at the same time, and in one file they would be mixed.
    """

    def __init__(self, file: TextIO, timed: TextIO) -> None:
        self._files = (file, timed)
        self._timed = timed
        self._limit: float | None = None
        self._due = 0.0
        self._written = False

    def limit(self, seconds: float | None) -> AbstractContextManager[None]:
        """Watches a check from now until the block ends: the files are about it alone, and all stacks are written
        before `seconds` are over.
        """
        self._limit = seconds
        self.again(time.monotonic())
        return _UNLIMITED if seconds is None else self._limited()

    @contextmanager
    def _limited(self) -> Iterator[None]:
        try:
            yield
        finally:
            self._limit = None
            faulthandler.cancel_dump_traceback_later()

    def again(self, at: float) -> None:
        """Watches another attempt, which begins at this time and has the same limit."""
        if self._written:
            for file in self._files:
                with suppress(OSError):  # a process beside the run has directed it to nowhere
                    file.seek(0)
                    file.truncate()
        self._written = self._limit is not None
        if self._limit is not None:
            self._due = at + self._limit * _BEFORE_THE_END
            self.watch()

    def watch(self) -> None:
        """Starts the timer, or restarts it after another user has stopped it: a process has only one."""
        if self._limit is not None:
            left = self._due - time.monotonic()
            if left > 0:
                faulthandler.dump_traceback_later(left, file=self._timed)


@contextmanager
def stacks_in(path: Path, timed: Path) -> Iterator[Stacks]:
    """Lets the stacks be written to these files until the block is left."""
    with io.open(path, "w") as file, io.open(timed, "w") as of_timer:
        faulthandler.enable(file)
        if DUMP is not None:
            faulthandler.register(DUMP, file)
        try:
            yield Stacks(file, of_timer)
        finally:
            faulthandler.disable()
            if DUMP is not None:
                faulthandler.unregister(DUMP)


def shorten(text: str) -> str:
    """The output of faulthandler, each stack once, without our own threads and the frames that led to the check.

    A check that has reached its limit is recorded twice: by a timer in its process, and at the controller's signal.
    """
    sections: dict[str, str] = {}
    for section in text.strip().split("\n\n"):
        shown = _TIMEOUT.sub("", section)
        if not any(name in shown for name in _MACHINERY_THREADS):
            sections.setdefault(shown.partition("\n")[2] or shown, _until_machinery(shown))
    return "\n\n".join(sections.values())


def project_frames(text: str, root: Path) -> tuple[Frame, ...]:
    """The project's frames on the stack of the thread that ran the check, innermost last.

    `text` is what `shorten` has left of the stacks.
    """
    places = ((project_place(file, root), line) for file, line in check_frames(text))
    return tuple(Frame(path, line) for path, line in places if path is not None)


def check_frames(text: str) -> list[tuple[str, int]]:
    """Files and lines on that stack, innermost last."""
    sections = [section for section in text.split("\n\n") if _FRAME.search(section)]
    of_check = [section for section in sections if section.rstrip().endswith("...")] or sections
    return [(file, int(line)) for file, line in _FRAME.findall(of_check[0])][::-1] if of_check else []


def _until_machinery(section: str) -> str:
    lines = section.splitlines()
    frames = [number for number, line in enumerate(lines) if line.startswith("  File ")]
    for number in frames[1:]:
        if _MACHINERY in lines[number]:
            return "\n".join([*lines[:number], "  ..."])
    return section
