"""The end of a forked worker's session: the hooks and cleanups that pytest itself would call."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import Any, Final

import pytest

from pytest_parallel_agents.early_bound import os, traceback

_STDOUT: Final = 1
_LOOK_FOR_LATE_ERRORS: Final = ("_pytest.threadexception", "_pytest.unraisableexception")
"""Modules of pytest whose cleanups raise errors that were not seen before."""
_INHERITED: Final = pytest.StashKey[ExitStack]()


def own_cleanups(config: pytest.Config) -> None:
    """Leaves to the controller the cleanups that it registered: folders, servers, and its own changes."""
    inherited: Any = config._cleanup_stack  # noqa: SLF001
    own = ExitStack()
    for _, cleanup in inherited._exit_callbacks:  # noqa: SLF001
        callback: Any = getattr(cleanup, "__wrapped__", None)
        function = getattr(callback, "func", callback)
        if getattr(function, "__module__", None) in _LOOK_FOR_LATE_ERRORS:
            own.callback(callback)
    config.stash[_INHERITED] = inherited  # it must stay referenced, or the filters for warnings would end
    config._cleanup_stack = own  # noqa: SLF001


def end_session(session: pytest.Session) -> str:
    """Calls the hooks of a session's end, then the worker's own cleanups. Returns the tracebacks of failures."""
    config: Any = session.config
    session.exitstatus = status = _exit_status(session)
    publish_end(session, status)
    steps = (
        partial(config.hook.pytest_sessionfinish, session=session, exitstatus=status),
        partial(config.hook.pytest_unconfigure, config=config),
        config._cleanup_stack.close,  # noqa: SLF001
    )
    with unseen_output():
        return "\n".join(_failures(steps))


@contextmanager
def unseen_output() -> Iterator[None]:
    """Discards what plugins print at a session's end, as in xdist's workers: the controller's print it too.

    The standard error is left as it is.
    """
    _flush_stdout()
    try:
        kept, nowhere = os.dup(_STDOUT), os.open(os.devnull, os.O_WRONLY)
    except OSError:  # a test has closed it, so nothing is shown
        yield
        return
    os.dup2(nowhere, _STDOUT)
    os.close(nowhere)
    try:
        yield
    finally:
        _flush_stdout()
        os.dup2(kept, _STDOUT)
        os.close(kept)


def _flush_stdout() -> None:
    with suppress(Exception):  # a test may have closed it, or put anything in its place
        sys.stdout.flush()


def publish_end(session: pytest.Session, exitstatus: int) -> None:
    """Puts into `workeroutput` what xdist puts there at a session's end."""
    config: Any = session.config
    config.workeroutput.update(exitstatus=int(exitstatus), shouldfail=session.shouldfail, shouldstop=session.shouldstop)


def _failures(steps: Iterable[Callable[[], object]]) -> Iterable[str]:
    for step in steps:
        try:
            step()
        except BaseException as error:  # noqa: BLE001 - a hook may raise anything, and the others are called all the same
            yield "".join(traceback.format_exception(error))


def _exit_status(session: pytest.Session) -> pytest.ExitCode:
    if session.testsfailed:
        return pytest.ExitCode.TESTS_FAILED
    return pytest.ExitCode.OK if session.testscollected else pytest.ExitCode.NO_TESTS_COLLECTED
