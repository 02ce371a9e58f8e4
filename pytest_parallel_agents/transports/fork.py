"""Workers that are forks of the collected controller."""

from __future__ import annotations

import contextlib
import gc
import socket
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import NoReturn

import pytest
from execnet.gateway import Gateway

from pytest_parallel_agents import process_tree
from pytest_parallel_agents.compat.xdist import XdistCompat, interpreter
from pytest_parallel_agents.process_tree import LeftoverGroups
from pytest_parallel_agents.runtest.open_files import flush_open_files
from pytest_parallel_agents.transports.base import EXIT_SECONDS, KILL_SECONDS, START_ATTEMPTS, Link, Transport
from pytest_parallel_agents.transports.local_process import LocalProcess
from pytest_parallel_agents.transports.zygote import Zygote, ZygoteLost
from pytest_parallel_agents.transports.zygote_process import BecameWorker
from pytest_parallel_agents.wire import packing
from pytest_parallel_agents.wire.gateways import controller_side
from pytest_parallel_agents.wire.gateways.execnet_io import SocketIO
from pytest_parallel_agents.wire.run_folder import RunFolder, WorkerFiles
from pytest_parallel_agents.worker import forked


class ForkTransport:
    """Workers are forks that have inherited the collected items. Must be made before the process has threads.

    When the process that forks them is lost, the transport that `fallback` makes starts further ones.
    """

    def __init__(
        self,
        session: pytest.Session,
        compat: XdistCompat,
        run_folder: RunFolder,
        leftover_groups: LeftoverGroups,
        fallback: Callable[[], Transport],
    ) -> None:
        self._session = session
        self._compat = compat
        self._run_folder = run_folder
        self._group = controller_side.new_group()
        self._leftover_groups = leftover_groups
        self._fallback = fallback
        self._other: Transport | None = None
        self._gateways: dict[str, Gateway] = {}
        self._pids: dict[str, int] = {}
        self._statuses: dict[str, int] = {}
        self._ended = threading.Condition()
        self._interpreter = interpreter()  # runs another program for the platform: forks inherit the answer
        forked.flush_streams()
        self._open_files = flush_open_files()  # or every fork that closes one would write its buffer again
        gc.freeze()  # a collection in a worker would copy every page of the shared heap
        try:
            self._zygote = Zygote(self._work, self._note_end)
        except OSError:
            gc.unfreeze()
            raise

    @property
    def starts_clean(self) -> bool:
        return not self._zygote.lost

    @property
    def lost(self) -> str:
        return ""

    def at(self, host: str) -> Transport:  # noqa: ARG002 - there is one
        return self

    def start(self, workers: Sequence[str], *, aside: bool = False) -> list[Link]:
        links = []
        with contextlib.suppress(ZygoteLost):  # which is raised when the first is taken
            for worker in workers:
                self._request(worker)
        for number, worker in enumerate(workers):
            try:
                links.append(self._start(worker))
            except ZygoteLost:
                return links + self._start_elsewhere(workers[number:], aside=aside)
        return links

    def _start_elsewhere(self, workers: Sequence[str], *, aside: bool) -> list[Link]:
        if self._other is None:
            self._other = self._fallback()
        return self._other.start(workers, aside=aside)

    def _start(self, worker: str) -> Link:
        for attempt in range(START_ATTEMPTS):
            if attempt:
                self._request(worker)
            pid, sock = self._zygote.take(worker)
            with contextlib.suppress(OSError):  # it has ended already
                return self._link(worker, pid, sock)
        raise OSError(f"worker {worker} ended as soon as it was forked, {START_ATTEMPTS} times")

    def _request(self, worker: str) -> None:
        self._statuses.pop(worker, None)
        self._zygote.request(worker)

    def _link(self, worker: str, pid: int, sock: socket.socket) -> Link:
        self._pids[worker] = pid
        io = SocketIO(sock, wait=lambda: self.exit_status(worker), kill=lambda: self._kill(worker))
        gateway = self._gateways[worker] = controller_side.adopt(self._group, worker, io)
        controller_side.introduce(gateway, pid=pid, interpreter=self._interpreter)
        channel = controller_side.execute(gateway, controller_side.FORKED_MAIN)
        node = self._compat.configure(gateway)
        with contextlib.suppress(OSError):  # its end is reported by the channel
            channel.send(packing.pack(node.workerinput))
        return Link(node, channel, _ForkedProcess(self, self._compat.testrunuid, self._run_folder.of(worker)))

    def live_pid(self, worker: str) -> int | None:
        return None if worker in self._statuses else self._pids[worker]

    def release(self, worker: str) -> None:
        self._gateways[worker].exit()

    def exit_status(self, worker: str) -> int | None:
        self.release(worker)
        self._zygote.resume()
        with self._ended:
            self._ended.wait_for(lambda: worker in self._statuses or self._zygote.lost, timeout=EXIT_SECONDS)
        if worker not in self._statuses:
            self._kill(worker)
            return None
        return self._statuses.get(worker)

    def close(self) -> None:
        self._zygote.resume()
        controller_side.end_group(self._group, KILL_SECONDS)
        with self._ended:  # by themselves, as a rule
            self._ended.wait_for(
                lambda: self._zygote.lost or self._pids.keys() <= self._statuses.keys(), timeout=EXIT_SECONDS
            )
        self._zygote.close()
        for worker in self._pids:
            if self._zygote.lost and worker not in self._statuses:
                self._kill(worker)
        if self._other is not None:
            self._other.close()
        self._leftover_groups.close()
        gc.unfreeze()  # what others do at the session's end with garbage concerns all of it

    def _kill(self, worker: str) -> None:
        if (pid := self.live_pid(worker)) is not None:
            process_tree.kill(pid)

    def _note_end(self, worker: str, pid: int, status: int) -> None:
        self._leftover_groups.add(pid)
        if pid != self._pids.get(worker, pid):
            return  # it was restarted
        with self._ended:
            self._statuses[worker] = status
            self._ended.notify_all()

    def _work(self, worker: str, sock: socket.socket) -> NoReturn:
        raise BecameWorker(partial(forked.main, self._session, self._run_folder.of(worker), sock, self._open_files))


class _ForkedProcess(LocalProcess):
    """Only the zygote knows the exit status of a fork, and reports it to the transport."""

    def __init__(self, transport: ForkTransport, run: str, files: WorkerFiles) -> None:
        super().__init__(run, files)
        self._transport = transport
        self._worker = files.worker

    def pid(self) -> int | None:
        return self._transport.live_pid(self._worker)

    def release(self) -> None:
        self._transport.release(self._worker)

    def exit_status(self) -> int | None:
        return self._transport.exit_status(self._worker)
