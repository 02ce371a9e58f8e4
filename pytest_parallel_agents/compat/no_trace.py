"""Keeps a project or a plugin from writing again about a test that is run once more alone.

This holds for hooks that get reports, for log files that were open when the worker was forked, for connections of
plugins to their controller's side, and for hooks that make a result. The test itself and its fixtures run again in
full.
"""

from __future__ import annotations

import fcntl
import inspect
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from types import CodeType, FrameType
from typing import Any, Final

import pytest

from pytest_parallel_agents.code_origin import PACKAGE, is_of, module_of
from pytest_parallel_agents.compat.unshareable import open_descriptors
from pytest_parallel_agents.compat.worker_branch import CONNECTIONS
from pytest_parallel_agents.early_bound import os, socket

_REPORT_HOOKS: Final = (
    "pytest_runtest_logstart",
    "pytest_runtest_logreport",
    "pytest_runtest_logfinish",
    "pytest_warning_recorded",
)
_RESULT_HOOKS: Final = ("pytest_runtest_makereport", "pytest_exception_interact")
"""Hooks on which a test may rely, so they are called."""
_LASTING: Final = frozenset(
    {"os.link", "os.mkdir", "os.posix_spawn", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.system"}
    | {"os.truncate", "os.utime", "socket.connect", "socket.sendto", "sqlite3.connect", "subprocess.Popen"}
)
"""Audit events of effects that outlive the process, beside the opening of a file for writing."""
_TO_WRITE: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class WouldWrite(BaseException):
    """Code that makes a report is about to write something."""


def leave_no_trace(config: pytest.Config) -> None:
    """In a worker, before it runs a test once more: cannot be undone.

    Hooks of others that get a report are not called. When code of theirs that makes one is about to write, `WouldWrite`
    ends it, and the outcome of the test alone is not known.
    """
    for name in _REPORT_HOOKS:
        caller: Any = getattr(config.hook, name)
        for implementation in _foreign(caller):
            caller._remove_plugin(implementation.plugin)  # noqa: SLF001
    codes = frozenset(_codes(config))
    if codes:
        sys.addaudithook(lambda event, arguments: _end_before_writing(codes, event, arguments))
    config.option.tbstyle = "no"  # it is not read, and the first traceback of a process checks each module's file
    _write_to_nowhere()
    for descriptor in config.stash.get(CONNECTIONS, ()):
        _disconnect(descriptor)


def _foreign(caller: Any) -> list[Any]:
    """Implementations of a hook that are neither pytest's nor ours."""
    return [each for each in caller.get_hookimpls() if not is_of(module_of(each.plugin), "_pytest", PACKAGE)]


def _codes(config: pytest.Config) -> Iterator[CodeType]:
    for name in _RESULT_HOOKS:
        for implementation in _foreign(getattr(config.hook, name)):
            functions = (implementation.function, inspect.unwrap(implementation.function))
            yield from (function.__code__ for function in functions if hasattr(function, "__code__"))


def _end_before_writing(codes: frozenset[CodeType], event: str, arguments: tuple[Any, ...]) -> None:
    if event in _LASTING or (event == "open" and _is_to_write(arguments)):
        frame: FrameType | None = sys._getframe(1)  # noqa: SLF001
        while frame is not None:
            if frame.f_code in codes:
                raise WouldWrite(event)
            frame = frame.f_back


def _is_to_write(arguments: tuple[Any, ...]) -> bool:
    flags = arguments[2]
    return isinstance(flags, int) and bool(flags & _TO_WRITE)


def _write_to_nowhere() -> None:
    """Redirects to it what was opened for writing only: log files, and outputs that are files."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in open_descriptors():
        with suppress(OSError):
            if _is_written_file(descriptor):
                os.dup2(nowhere, descriptor, inheritable=os.get_inheritable(descriptor))
    os.close(nowhere)


def _disconnect(descriptor: int) -> None:
    """Replaces a connection by one whose other end is not read."""
    ours, other = socket.socketpair()
    with ours:
        os.dup2(ours.fileno(), descriptor, inheritable=False)
    other.detach()  # it stays open


def _is_written_file(descriptor: int) -> bool:
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    return flags & os.O_ACCMODE == os.O_WRONLY and stat.S_ISREG(os.fstat(descriptor).st_mode)
