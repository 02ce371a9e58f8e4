"""The program behind `tests.prepared`: imports what runs of pytest need, and forks once for each run.

usage: python prepared_interpreter.py DESCRIPTOR
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import importlib.metadata
import json
import os
import random
import runpy
import socket
import sys
from collections.abc import Iterator
from typing import Any, Final

NUMBER_BYTES: Final = 4
_LONGEST_REQUEST: Final = 1 << 18
_SUBREAPER: Final = 36
"""For Linux's `prctl`."""


def serve(link: socket.socket) -> bool:
    """Whether this process has become a fork that is to be a run; else no further run is wanted."""
    while True:
        request, descriptors, *_ = socket.recv_fds(link, _LONGEST_REQUEST, 3)
        if not request:
            return False
        pid = os.fork()
        if pid == 0:
            link.close()
            _become(json.loads(request), descriptors)
            return True
        for descriptor in descriptors:
            os.close(descriptor)
        link.send(pid.to_bytes(NUMBER_BYTES, "little"))
        link.send(_exit_status(pid).to_bytes(NUMBER_BYTES, "little"))


def prepare() -> None:
    """Import what a run that has nothing special about it has imported at its end, and adopt what runs leave behind."""
    for name in _modules():
        importlib.import_module(name)
    for module in list(sys.modules.values()):
        _leave_as_it_is(module)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SUBREAPER, 1)
    gc.collect()
    gc.freeze()


def _modules() -> Iterator[str]:
    from _pytest.config import default_plugins

    yield "pytest"
    yield from (f"_pytest.{name}" for name in default_plugins)
    yield from (plugin.module for plugin in importlib.metadata.entry_points(group="pytest11"))
    yield from ("xdist.newhooks", "xdist.dsession", "pytest_benchmark.hookspec", "pdb")
    ours = ("session.activate", "transports.fork", "collection.commands", "reports.terminal")
    yield from (f"pytest_parallel_agents.{name}" for name in ours)


def _leave_as_it_is(module: Any) -> None:
    """Have pytest not complain that it comes too late to rewrite the assertions of plugins."""
    if "__file__" in vars(module):
        module.__doc__ = f"{module.__doc__}\n\nPYTEST_DONT_REWRITE"


def _become(request: dict[str, Any], descriptors: list[int]) -> None:
    """Have of the process what `python -m pytest` would begin with."""
    for stream, descriptor in enumerate(descriptors):
        os.dup2(descriptor, stream)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    sys.orig_argv = request["arguments"]
    sys.argv = ["-m", *sys.orig_argv[2:]]
    sys.path[0:1] = [request["folder"], *request["environment"]["PYTHONPATH"].split(os.pathsep)]
    sys.modules["xdist.plugin"]._sys_path[:] = sys.path  # which it notes at import
    random.seed()


def _exit_status(pid: int) -> int:
    """How the run has ended. Others that end meanwhile were left behind by it, or by an earlier one."""
    while True:
        ended, status = os.wait()
        if ended == pid:
            return status


if __name__ == "__main__":
    prepare()
    if serve(socket.socket(fileno=int(sys.argv[1]))):
        runpy._run_module_as_main("pytest")  # type: ignore[attr-defined]  # what `-m` does
