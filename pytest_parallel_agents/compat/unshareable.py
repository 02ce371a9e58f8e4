"""Resources of this process that a fork of it would wrongly share or lack: event loops, connections, threads."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from pytest_parallel_agents.code_origin import is_project_file

_DESCRIPTORS: Final = Path("/proc/self/fd")
_DATABASE: Final = b"SQLite format 3\0"
_KINDS: Final = ("asyncio", "uvloop", "select", "selectors", "sqlite3", "socket", "_socket", "concurrent.futures")
"""Modules of the classes of objects that cannot be shared."""


def open_descriptors() -> Mapping[int, str]:
    """The target of each file descriptor of this process; empty where the system does not list them."""
    found = {}
    with contextlib.suppress(OSError):
        for name in os.listdir(_DESCRIPTORS):  # noqa: PTH208 - quicker, and this is done in every run
            with contextlib.suppress(OSError):
                found[int(name)] = os.readlink(f"{_DESCRIPTORS}/{name}")  # noqa: PTH115
    return found


def opened_since(before: Mapping[int, str]) -> list[str]:
    """Unshareable things that were opened since there were these descriptors, for people."""
    new = [(fd, target) for fd, target in open_descriptors().items() if before.get(fd) != target]
    return [what for fd, target in new if (what := _unshareable(fd, target))]


def threads(manager: pytest.PytestPluginManager, *, of_plugins: bool) -> list[str]:
    """Names of the threads that installed plugins have started, or of the others, which no fork would have.

    A plugin that serves xdist's workers from a thread does so in the controller.
    """
    packages = {_package(plugin) for _, plugin in manager.list_name_plugin()} - {""}
    others = [thread for thread in threading.enumerate() if thread is not threading.main_thread()]
    return [thread.name for thread in others if (_package(_target(thread)) in packages) == of_plugins]


def where(modules: Iterable[Any]) -> str:
    """Which of these modules hold something of the kind, if they are the project's and it can be seen; else empty."""
    held = ", ".join(_held(modules))
    return f" ({held})" if held else ""


def _held(modules: Iterable[Any]) -> Iterator[str]:
    for module in modules:
        if not is_project_file(getattr(module, "__file__", None) or "<unknown>"):
            continue
        for name, value in list(vars(module).items()):
            if type(value).__module__.startswith(_KINDS):
                yield f"{module.__name__}.{name}"


def _unshareable(descriptor: int, target: str) -> str:
    if target == "anon_inode:[eventpoll]":
        return "an event loop"
    if target.startswith("socket:"):
        peer = _peer(descriptor)
        return f"a connection to {peer}" if peer else ""
    return f"a connection to the database {Path(target).name}" if _is_database(target) else ""


def _peer(descriptor: int) -> str:
    """The address at the other end of a socket. Two that this process has connected with each other have no names."""
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as copy:
        name = copy.getpeername()
        return f"{name[0]}:{name[1]}" if isinstance(name, tuple) else os.fsdecode(name)
    return ""


def _is_database(target: str) -> bool:
    with contextlib.suppress(OSError):
        if Path(target).is_file():
            with Path(target).open("rb") as file:
                return file.read(len(_DATABASE)) == _DATABASE
    return False


def _target(thread: threading.Thread) -> object:
    """The function that a thread runs."""
    return getattr(thread, "_target", None) or type(thread)


def _package(holder: object) -> str:
    """The package whose code this is: a module's, a class's or a function's; empty for a project's own."""
    name = getattr(holder, "__name__", "") if isinstance(holder, type(sys)) else getattr(holder, "__module__", "")
    module = sys.modules.get(name or "")
    if is_project_file(getattr(module, "__file__", None) or ""):
        return ""
    return (name or "").partition(".")[0]
