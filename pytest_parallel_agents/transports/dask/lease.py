"""What runs inside a worker of Dask: a task that holds one of its slots, and an interpreter beside it.

The task is the lease. As long as it runs Dask counts its slot and its resources as taken, and the interpreter may work.
The controller reaches the interpreter through calls to the Dask worker, over Dask's own connections: nothing else
listens. A lease whose controller calls no more ends, and so does one that is cancelled.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from subprocess import PIPE
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from distributed import Worker

TASK: Final = """
import sys
from importlib.metadata import PackageNotFoundError, version
package = "pytest-parallel-agents"
try:
    found = version(package)
except PackageNotFoundError:
    found = ""
if found != wanted:
    has = f"has {package} {found}" if found else f"has no {package}"
    raise ImportError(f"{sys.executable} {has}: install {package}=={wanted} there")
from pytest_parallel_agents.transports.dask.lease import hold
hold(order)
"""
"""What the task executes with the `wanted` version and the `order` of a lease.

It is text: a Dask worker ends when it gets a task for which it has to import what is not there, and so the task, which
the scheduler reads as well, may refer to nothing of this package.
"""

OPERATION: Final = "pytest-parallel-agents"
"""The name under which a Dask worker that has a lease answers calls."""

POLL_SECONDS: Final = 3.0
"""A call that reads is answered after so many seconds, also when there is nothing to read."""

SILENCE_SECONDS: Final = 15.0
"""A lease ends when it was not called for so many seconds: its controller is gone."""

_CHUNK: Final = 1 << 20
_LAST_ERRORS: Final = 1 << 12
_END_SECONDS: Final = 2.0
_LOOK_SECONDS: Final = 1.0
_BUFFER: Final = 1 << 22


class Order(msgspec.Struct, frozen=True):
    """What a lease starts: `arguments` follow the interpreter `python`, the Dask worker's own if None.

    The lease announces itself under the topic `topic` by its `lease`.
    """

    lease: str
    topic: str
    arguments: Sequence[str]
    python: Sequence[str] | None = None


def hold(packed: bytes) -> None:
    """Executes a packed Order, and returns once the interpreter has ended, or the controller is gone.

    Raises OSError if none can be started.
    """
    from distributed import get_worker
    from distributed.utils import sync

    worker = get_worker()
    order = msgspec.msgpack.decode(packed, type=Order)
    sync(worker.loop, _hold, worker, worker.get_current_task(), order)


async def _hold(worker: Worker, task: Any, order: Order) -> None:
    worker.handlers.setdefault(OPERATION, _answer)
    pipe = await _Pipe.open(order)
    name = uuid.uuid4().hex
    _PIPES[name] = pipe
    try:
        worker.log_event(order.topic, {"lease": order.lease, "pipe": name, "address": worker.address})
        await pipe.closed(lambda: task in worker.state.tasks and worker.state.tasks[task].state == "executing")
    finally:
        del _PIPES[name]
        await pipe.end()


_PIPES: Final[dict[str, _Pipe]] = {}


async def _answer(pipe: str, action: str, data: bytes = b"") -> dict[str, Any] | None:
    """One call of the controller. None for a lease that has ended."""
    known = _PIPES.get(pipe)
    return None if known is None else await known.answer(action, data)


class _Pipe:
    """An interpreter and its pipes. Everything is called in the Dask worker's event loop."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._errors = b""
        self._closed = asyncio.Event()
        self._called = time.monotonic()
        self._errors_read = asyncio.create_task(self._read_errors())

    @classmethod
    async def open(cls, order: Order) -> _Pipe:
        process = await asyncio.create_subprocess_exec(
            *(order.python or [sys.executable]),
            *order.arguments,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            limit=_BUFFER,
            start_new_session=True,
        )
        return cls(process)

    async def answer(self, action: str, data: bytes) -> dict[str, Any]:
        self._called = time.monotonic()
        match action:
            case "read":
                return await self._read()
            case "write":
                await self._write(data)
            case "close":
                _pipe(self._process.stdin).close()
            case "kill":
                self._kill()
        return {}

    async def closed(self, is_wanted: Callable[[], bool]) -> None:
        """Returns once its end has been reported, nobody calls any more, or Dask wants the slot back."""
        while time.monotonic() - self._called < SILENCE_SECONDS and is_wanted():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closed.wait(), _LOOK_SECONDS)
                return

    async def end(self) -> None:
        """Ends the interpreter: it should by itself, as its input has ended."""
        _pipe(self._process.stdin).close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), _END_SECONDS)
        self._kill()
        await self._process.wait()
        self._errors_read.cancel()

    async def _read(self) -> dict[str, Any]:
        output = _pipe(self._process.stdout)
        try:
            data = await asyncio.wait_for(output.read(_CHUNK), POLL_SECONDS)
        except TimeoutError:
            return {"data": b""}
        if data:
            return {"data": data}
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), _END_SECONDS)
            await asyncio.wait_for(asyncio.shield(self._errors_read), _END_SECONDS)
        self._closed.set()
        return {"data": b"", "ended": True, "status": self._process.returncode, "errors": self._errors}

    async def _write(self, data: bytes) -> None:
        pipe = _pipe(self._process.stdin)
        with contextlib.suppress(ConnectionError):  # its end is reported by what reads
            pipe.write(data)
            await pipe.drain()

    async def _read_errors(self) -> None:
        errors = _pipe(self._process.stderr)
        while data := await errors.read(_CHUNK):
            self._errors = (self._errors + data)[-_LAST_ERRORS:]

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()


def _pipe(stream: Any) -> Any:
    assert stream is not None  # noqa: S101 - all three are pipes
    return stream
