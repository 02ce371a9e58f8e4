"""execnet's IO protocol over calls to a lease."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from typing import Final

from pytest_parallel_agents.transports.dask.cluster import Cluster, Slot
from pytest_parallel_agents.wire.gateways.execnet_io import THREADS

_CLOSE_SECONDS: Final = 5.0


class LeasePipe:
    """The interpreter of a lease that has been placed. `errors` is the last that it wrote to its standard error, once
    it has ended; `fault` why nothing more comes, if it did not end by itself.
    """

    def __init__(self, cluster: Cluster, slot: Slot) -> None:
        self.execmodel = THREADS
        self.errors = ""
        self.fault = ""
        self._cluster = cluster
        self._slot = slot
        self._status: int | None = None
        self._ended = threading.Event()
        self._received: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._rest = b""
        self._to_send: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._sending = cluster.run(self._send())
        cluster.run(self._receive())

    def read(self, numbytes: int) -> bytes:
        parts, missing = [self._rest], numbytes - len(self._rest)
        while missing > 0:
            data = self._received.get()
            if not data:
                self._received.put(data)  # for the next call
                raise EOFError(self.fault or f"expected {numbytes} bytes, got {numbytes - missing}")
            parts.append(data)
            missing -= len(data)
        whole = b"".join(parts)
        self._rest = whole[numbytes:]
        return whole[:numbytes]

    def write(self, data: bytes) -> None:
        if self._ended.is_set():
            raise OSError(self.fault or "the interpreter has ended")
        self._put(data)

    def close_read(self) -> None:
        """Nothing more is read. What still comes is dropped."""

    def close_write(self) -> None:
        self._put(None)

    def wait(self) -> int | None:
        """Waits until the interpreter has ended. Returns its exit status, None if that is not known."""
        self._ended.wait()
        return self._status

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes."""
        return self._ended.is_set()

    def kill(self) -> None:
        self._cluster.run(self._call_quietly("kill"))

    def close(self) -> None:
        """Ends the interpreter, and waits a few seconds for that."""
        self.close_write()
        if not self._ended.wait(_CLOSE_SECONDS):
            self.kill()
            self._ended.wait(_CLOSE_SECONDS)

    def _put(self, data: bytes | None) -> None:
        self._cluster.call_soon(self._to_send.put_nowait, data)

    async def _receive(self) -> None:
        try:
            while True:
                reply = await self._cluster.call(self._slot, "read")
                if data := reply["data"]:
                    self._received.put(data)
                elif reply.get("ended"):
                    self._status = reply["status"]
                    self.errors = reply["errors"].decode("utf-8", "replace").strip()
                    return
        except OSError as error:
            self.fault = str(error)
        finally:
            self._ended.set()
            self._received.put(b"")
            self._sending.cancel()

    async def _send(self) -> None:
        """Sends in one call what has gathered during the last one."""
        with contextlib.suppress(OSError):  # what receives reports it
            while True:
                parts = [await self._to_send.get()]
                while not self._to_send.empty():
                    parts.append(self._to_send.get_nowait())
                if data := b"".join(part for part in parts if part is not None):
                    await self._cluster.call(self._slot, "write", data)
                if None in parts:
                    await self._cluster.call(self._slot, "close")
                    return

    async def _call_quietly(self, action: str) -> None:
        with contextlib.suppress(OSError):
            await self._cluster.call(self._slot, action)
