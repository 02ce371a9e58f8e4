"""What bytes of a gateway go over: a socket, a channel of another gateway, or the pipes of an interpreter."""

from __future__ import annotations

import _socket
import _thread
import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from execnet import gateway_base, gateway_io

from pytest_parallel_agents import process_tree
from pytest_parallel_agents.early_bound import builtins, io, os, queue, socket, subprocess

__builtins__ = builtins

BOOTSTRAP = gateway_io.popen_bootstrapline
"""With this an interpreter waits for what it is to execute."""

EXEC_MODEL = "main_thread_only"  # checks run in the worker's main thread, as asyncio and SIGALRM need it

THREADS = gateway_base.get_execmodel("thread")
"""How this side of a gateway runs its own threads."""


class RemoteIO(Protocol):
    """execnet's IO protocol over a connection to an interpreter that waits for what it is to execute."""

    execmodel: Any

    def read(self, numbytes: int) -> bytes:
        """So many bytes. Raises EOFError if fewer come."""

    def write(self, data: bytes) -> None:
        """Raises OSError if the interpreter is known to have ended."""

    def close_read(self) -> None:
        """Nothing more is read."""

    def close_write(self) -> None:
        """Nothing more is written."""

    @property
    def has_ended(self) -> bool:
        """Whether the interpreter is known to have ended."""

    def wait(self) -> int | None:
        """Waits for its end, and returns its exit status if that is known."""

    def kill(self) -> None:
        """Ends it at once."""


class SocketIO:
    """execnet's IO protocol over a connected socket.

    It calls functions written in C: tests replace the methods of `socket.socket`.
    """

    def __init__(self, sock: socket.socket, *, wait: Callable[[], int | None], kill: Callable[[], None]) -> None:
        self.execmodel = THREADS
        self._socket = sock
        sock.setblocking(True)  # noqa: FBT003 - there may be a default timeout
        self._reader = io.open(sock.fileno(), "rb", closefd=False)
        self._send = partial(_socket.socket.sendall, sock)
        self._write_lock = _thread.allocate_lock()
        self.wait = wait
        self.kill = kill

    def read(self, numbytes: int) -> bytes:
        data = self._reader.read(numbytes)
        if len(data) < numbytes:
            raise EOFError(f"expected {numbytes} bytes, got {len(data)}")
        return data

    def write(self, data: bytes) -> None:
        with self._write_lock:
            self._send(data)

    def close_read(self) -> None:
        """The receiver thread's last call but one; `close_write` always follows it."""
        self._reader.close()

    def close_write(self) -> None:
        with contextlib.suppress(OSError):  # the peer is gone already
            self._socket.shutdown(socket.SHUT_WR)  # a bare close() would leave the peer waiting for end-of-file
        if self._reader.closed:
            self._socket.close()


class ChannelIO:
    """execnet's IO protocol over a channel to the host that a worker is on: each item has bytes of the worker's pipes.

    No bytes at all end the pipe, in either direction.
    """

    def __init__(self, channel: Any, *, wait: Callable[[], int | None], kill: Callable[[], None]) -> None:
        self.execmodel = THREADS
        self._channel = channel
        self._arrived: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._unread = bytearray()
        self.wait = wait
        self.kill = kill
        channel.setcallback(self._arrived.put, endmarker=b"")

    def read(self, numbytes: int) -> bytes:
        while len(self._unread) < numbytes:
            data = self._arrived.get()
            if not data:
                self._arrived.put(b"")
                raise EOFError(f"expected {numbytes} bytes, got {len(self._unread)}")
            self._unread += data
        data = bytes(self._unread[:numbytes])
        del self._unread[:numbytes]
        return data

    def write(self, data: bytes) -> None:
        self._channel.send(data)

    def close_read(self) -> None:
        """The receiver thread's last call but one."""

    def close_write(self) -> None:
        with contextlib.suppress(OSError):  # the host, or the worker, is gone already
            self._channel.send(b"")


class InterpreterIO(gateway_io.Popen2IOMaster):
    """execnet's own class takes no environment, folder and standard error."""

    def __init__(self, command: Sequence[str], **options: Any) -> None:
        if hasattr(os, "setpgid"):
            options["process_group"] = 0  # from the start, or Ctrl-C would interrupt an interpreter that only starts
        self.popen = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options)
        gateway_base.Popen2IO.__init__(self, self.popen.stdin, self.popen.stdout, THREADS)

    @property
    def has_ended(self) -> bool:
        return self.popen.poll() is not None

    def kill(self) -> None:
        if not self.has_ended:
            process_tree.kill(self.popen.pid)  # what a script has started may hold the pipes open

    def abandon(self) -> None:
        """Ends the interpreter, which has got no message yet, and closes the pipes."""
        self.kill()
        for pipe in (self.popen.stdin, self.popen.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # unwritten data has no reader
                    pipe.close()
        self.wait()
