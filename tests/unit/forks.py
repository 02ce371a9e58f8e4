"""Code that changes a process for good runs in a fork of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NoReturn

import pytest

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def in_fork(work: Callable[[], object]) -> int:
    """The fork's exit code: 0 when `work` is done, 1 when it raises."""
    pid = os.fork()
    if pid == 0:
        _end(work)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _end(work: Callable[[], object]) -> NoReturn:
    code = 1
    try:
        work()
        code = 0
    finally:
        os._exit(code)
