"""The process of a worker on a host, reached through the host's program."""

from __future__ import annotations

import contextlib

from execnet.gateway import Gateway

from pytest_parallel_agents.transports.base import EXIT_SECONDS
from pytest_parallel_agents.transports.remote import host_messages as messages
from pytest_parallel_agents.transports.remote.host import Host


class HostedProcess:
    """`gateway` is the one to the worker."""

    gateway: Gateway

    def __init__(self, host: Host, worker: str, pid: int) -> None:
        self._host = host
        self._worker = worker
        self._pid = pid

    def pid(self) -> int | None:
        """Its process id on the host; None if it has ended."""
        return None if self._host.has_ended(self._worker) else self._pid

    def interrupt(self) -> None:
        self._send(messages.InterruptOnHost(self._worker))

    def kill(self) -> None:
        self._send(messages.KillOnHost(self._worker))

    def end_detached(self) -> None:
        self._send(messages.EndDetachedOnHost(self._worker))

    def dump_stacks(self) -> None:
        self._send(messages.DumpOnHost(self._worker))

    def is_stopped(self) -> bool:
        return self._host.is_stopped(self._worker)

    def release(self) -> None:
        self.gateway.exit()

    def exit_status(self) -> int | None:
        self.release()
        status = self._host.exit_status(self._worker, EXIT_SECONDS)
        if status is None:
            self.kill()
        return status

    def host_fault(self) -> str:
        return self._host.lost

    def _send(self, command: messages.OfWorker) -> None:
        with contextlib.suppress(OSError):  # the host is gone, and the worker with it
            self._host.send(command)
