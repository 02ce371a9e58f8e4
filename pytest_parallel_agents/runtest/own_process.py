"""A worker is one process. A copy that a check has forked of it has its channel too, and must not use it."""

from __future__ import annotations

from pytest_parallel_agents.early_bound import builtins, os

__builtins__ = builtins


class OwnProcess:
    """The process that makes this object."""

    def __init__(self) -> None:
        self._pid = os.getpid()

    def is_current(self) -> bool:
        """Whether this is not a fork of it."""
        return os.getpid() == self._pid

    def end_forks(self, code: int) -> None:
        """Ends this process at once, with this exit code, if it is a fork.

        Nothing of the worker's is cleaned up: neither its temporary folders nor its child processes are the fork's.
        """
        if os.getpid() != self._pid:
            os._exit(code)  # noqa: SLF001


def exit_code(error: BaseException | None) -> int:
    """The exit code of a process that ended normally or by this exception, as the interpreter sets it."""
    if error is None:
        return 0
    if isinstance(error, SystemExit) and (error.code is None or isinstance(error.code, int)):
        return (error.code or 0) & 0xFF
    return 1
