"""Waiting for processes that are not our children, and for what they remove when they end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from socket import SOCK_DGRAM

import psutil

PATIENCE = 60.0


def wait_until_gone(*pids: int) -> None:
    """Return when none of these processes runs any more. Fails after a while."""
    wait_until_none(lambda: filter(is_running, pids))


def wait_until_none(found: Callable[[], Iterable[object]]) -> None:
    """Return when nothing is `found` any more. Fails after a while."""
    until = time.monotonic() + PATIENCE
    while left := list(found()):
        assert time.monotonic() < until, f"still there: {left}"
        threading.Event().wait(0.02)


def is_running(pid: int) -> bool:
    """Whether the process exists and has not ended; one that nobody has waited for has."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def listening(*processes: psutil.Process) -> list[str]:
    """The network addresses at which these processes take what anybody sends them."""
    found = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # it has ended
            found += [
                f"{process.name()} ({process.pid}): {one.laddr}"
                for one in process.net_connections("inet")
                if one.status == psutil.CONN_LISTEN or (one.type == SOCK_DGRAM and not one.raddr)
            ]
    return sorted(found)
