"""The one module that touches execnet's inside.

execnet offers no gateway to a process that already exists; a forked worker is reached by giving execnet a socket of
ours to speak over. Its classes for that are private and will change in execnet 3, hence the pin `execnet<3`.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from typing import Any

import execnet
from execnet import gateway_base
from execnet.gateway import Gateway, RInfo

EXEC_MODEL = "main_thread_only"  # checks run in the worker's main thread, as asyncio and SIGALRM need it


class SocketIO:
    """execnet's IO protocol over a connected socket."""

    def __init__(self, sock: socket.socket, *, wait: Callable[[], int | None], kill: Callable[[], None]) -> None:
        self.execmodel = gateway_base.get_execmodel("thread")
        self._socket = sock
        self._reader = sock.makefile("rb")
        self._write_lock = threading.Lock()
        self.wait = wait
        self.kill = kill

    def read(self, numbytes: int) -> bytes:
        data = self._reader.read(numbytes)
        if len(data) < numbytes:
            raise EOFError(f"expected {numbytes} bytes, got {len(data)}")
        return data

    def write(self, data: bytes) -> None:
        with self._write_lock:
            self._socket.sendall(data)

    def close_read(self) -> None:
        """The receiver thread's last word but one; `close_write` always follows it."""
        self._reader.close()

    def close_write(self) -> None:
        with contextlib.suppress(OSError):  # the peer is gone already
            self._socket.shutdown(socket.SHUT_WR)  # a bare close() would leave the peer waiting for end-of-file
        if self._reader.closed:
            self._socket.close()


def new_group() -> execnet.Group:
    """A group whose workers run what they are told in their main thread."""
    return execnet.Group(execmodel=EXEC_MODEL)


def end_group(group: execnet.Group, seconds: float) -> None:
    """End all gateways of the group, and what execnet would do about them when the process ends: it would keep them,
    and all that they refer to, until then.
    """
    group.terminate(timeout=seconds)
    atexit.unregister(group._cleanup_atexit)  # noqa: SLF001


def adopt(group: execnet.Group, worker: str, io: SocketIO) -> Gateway:
    """A gateway to a forked worker that serves the other end of `io`'s socket."""
    spec = execnet.XSpec(f"fork//id={worker}//execmodel={EXEC_MODEL}")
    group.allocate_id(spec)
    gateway = Gateway(io, spec)
    group._register(gateway)  # noqa: SLF001
    return gateway


def introduce(gateway: Gateway, *, pid: int, interpreter: dict[str, Any]) -> None:
    """Answer `gateway._rinfo()` from what is known: asking a worker that runs a check would never return."""
    known = {
        "executable": interpreter["executable"],
        "version_info": tuple(interpreter["version_info"][:5]),
        "platform": interpreter["sysplatform"],
        "cwd": interpreter["cwd"],
        "pid": pid,
    }
    gateway._cache_rinfo = RInfo(known)  # noqa: SLF001


def execute(gateway: Gateway, source: str) -> Any:
    """The channel to what executes this in the worker. Raises OSError if that is gone, and forgets the gateway."""
    try:
        return gateway.remote_exec(source)
    except OSError:
        gateway.exit()
        raise


def process_of(gateway: Gateway) -> subprocess.Popen[bytes]:
    """The process behind a gateway that execnet started here."""
    process: subprocess.Popen[bytes] = gateway._io.popen  # type: ignore[attr-defined]  # noqa: SLF001
    return process


def serve(sock: socket.socket, worker: str, main: Callable[[Any], None]) -> None:
    """In a forked worker: run `main(channel)` for the controller's first request, until the controller is done."""
    global _main  # noqa: PLW0603 - execnet executes source text, which finds its function only here
    _main = main
    io = SocketIO(sock, wait=lambda: None, kill=lambda: os.kill(os.getpid(), signal.SIGKILL))
    io.execmodel = gateway_base.get_execmodel(EXEC_MODEL)
    gateway_base.serve(io, id=f"{worker}-worker")


def run_main(channel: Any) -> None:
    """What the controller's request calls in a forked worker."""
    if _main is None:
        raise RuntimeError("this process was not forked by a controller")
    _main(channel)


_main: Callable[[Any], None] | None = None
FORKED_MAIN = "from pytest_parallel_agents.workers.gateways import run_main; run_main(channel)"
SPAWNED_MAIN = (
    "import sys; sys.path[:] = channel.receive(); "
    "from pytest_parallel_agents.workers.spawned import main; main(channel)"
)
