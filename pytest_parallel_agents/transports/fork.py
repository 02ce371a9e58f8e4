"""Workers that are forks of the collected controller."""

from __future__ import annotations

import contextlib
import socket
import threading
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NoReturn

import pytest
from execnet.gateway import Gateway

from pytest_parallel_agents import process_tree
from pytest_parallel_agents.compat.no_trace import leave_no_trace
from pytest_parallel_agents.compat.xdist import XdistCompat, interpreter
from pytest_parallel_agents.process_tree import Remains
from pytest_parallel_agents.runtest.detached_processes import strays
from pytest_parallel_agents.runtest.leak_detection import LEAKS
from pytest_parallel_agents.transports.base import EXIT_SECONDS, KILL_SECONDS, START_ATTEMPTS, Link, Transport
from pytest_parallel_agents.transports.zygote import BecameWorker, Zygote, ZygoteLost
from pytest_parallel_agents.wire import execnet_io, messages, packing
from pytest_parallel_agents.wire.journal import Journal
from pytest_parallel_agents.wire.report_codec import Encoder
from pytest_parallel_agents.wire.run_folder import RunFolder
from pytest_parallel_agents.worker import forked
from pytest_parallel_agents.worker.exit_handlers import run_exit_handlers
from pytest_parallel_agents.worker.items import InheritedItems
from pytest_parallel_agents.worker.loop import Worker
from pytest_parallel_agents.worker.outbox import Outbox
from pytest_parallel_agents.worker.session_end import end_session


class ForkTransport:
    """Workers are forks that have inherited the collected items. Must be made before the process has threads.

    When the process that forks them is lost, further ones come from the transport that `instead` makes.
    """

    def __init__(
        self,
        session: pytest.Session,
        contract: XdistCompat,
        run_folder: RunFolder,
        remains: Remains,
        instead: Callable[[], Transport],
    ) -> None:
        self._session = session
        self._contract = contract
        self._run_folder = run_folder
        self._group = execnet_io.new_group()
        self._remains = remains
        self._instead = instead
        self._other: Transport | None = None
        self._gateways: dict[str, Gateway] = {}
        self._pids: dict[str, int] = {}
        self._statuses: dict[str, int] = {}
        self._ended = threading.Condition()
        self._interpreter = interpreter()  # asks another program for the platform: forks inherit the answer
        forked.flush_streams()
        self._zygote = Zygote(self._work, self._note_end)

    @property
    def starts_clean(self) -> bool:
        return not self._zygote.lost

    def start(self, workers: Sequence[str]) -> list[Link]:
        links = []
        with contextlib.suppress(ZygoteLost):  # which is told when the first is taken
            for worker in workers:
                self._order(worker)
        for number, worker in enumerate(workers):
            try:
                links.append(self._start(worker))
            except ZygoteLost:
                return links + self._start_elsewhere(workers[number:])
        return links

    def _start_elsewhere(self, workers: Sequence[str]) -> list[Link]:
        if self._other is None:
            self._other = self._instead()
        return self._other.start(workers)

    def _start(self, worker: str) -> Link:
        for attempt in range(START_ATTEMPTS):
            if attempt:
                self._order(worker)
            pid, sock = self._zygote.take(worker)
            with contextlib.suppress(OSError):  # it has ended already
                return self._link(worker, pid, sock)
        raise OSError(f"worker {worker} ended as soon as it was forked, {START_ATTEMPTS} times")

    def _order(self, worker: str) -> None:
        self._statuses.pop(worker, None)
        self._zygote.order(worker)

    def _link(self, worker: str, pid: int, sock: socket.socket) -> Link:
        self._pids[worker] = pid
        io = execnet_io.SocketIO(sock, wait=lambda: self.exit_status(worker), kill=lambda: self._kill(worker))
        gateway = self._gateways[worker] = execnet_io.adopt(self._group, worker, io)
        execnet_io.introduce(gateway, pid=pid, interpreter=self._interpreter)
        channel = execnet_io.execute(gateway, execnet_io.FORKED_MAIN)
        node = self._contract.configure(gateway)
        with contextlib.suppress(OSError):  # that it has ended is told by the channel
            channel.send(packing.pack(node.workerinput))
        return Link(node, channel)

    def living(self, worker: str) -> int | None:
        if worker not in self._pids:
            return None if self._other is None else self._other.living(worker)
        return None if worker in self._statuses else self._pids[worker]

    def let_go(self, worker: str) -> None:
        if worker in self._gateways:
            self._gateways[worker].exit()
        elif self._other is not None:
            self._other.let_go(worker)

    def exit_status(self, worker: str) -> int | None:
        if worker not in self._pids:
            return None if self._other is None else self._other.exit_status(worker)
        self.let_go(worker)
        self._zygote.resume()
        with self._ended:
            self._ended.wait_for(lambda: worker in self._statuses or self._zygote.lost, timeout=EXIT_SECONDS)
        if worker not in self._statuses:
            self._kill(worker)
            return None
        return self._statuses.get(worker)

    def close(self) -> None:
        self._zygote.resume()
        execnet_io.end_group(self._group, KILL_SECONDS)
        with self._ended:  # of themselves, as a rule
            self._ended.wait_for(
                lambda: self._zygote.lost or self._pids.keys() <= self._statuses.keys(), timeout=EXIT_SECONDS
            )
        self._zygote.close()
        for worker in self._pids:
            if self._zygote.lost and worker not in self._statuses:
                self._kill(worker)
        if self._other is not None:
            self._other.close()
        self._remains.close()

    def _kill(self, worker: str) -> None:
        if (pid := self.living(worker)) is not None:
            process_tree.kill(pid)

    def _note_end(self, worker: str, pid: int, status: int) -> None:
        self._remains.add(pid)
        if pid != self._pids.get(worker, pid):
            return  # it was started again
        with self._ended:
            self._statuses[worker] = status
            self._ended.notify_all()

    def _work(self, worker: str, sock: socket.socket) -> NoReturn:
        raise BecameWorker(partial(self._serve, worker, sock))

    def _serve(self, worker: str, sock: socket.socket) -> None:
        """Runs in the worker."""
        channel = execnet_io.serve(sock, worker)
        with execnet_io.serving(channel):
            workerinput: Any = packing.unpack(channel.receive())
            files = self._run_folder.of(worker)
            outbox = Outbox(channel, Journal(files.journal))
            complain = partial(_complain, self._session.config, outbox, self._run_folder)
            everywhere = partial(strays, worker=worker, run=workerinput["testrunuid"], journal=files.journal)
            self._session.config.stash[LEAKS].look_everywhere(everywhere)
            with forked.as_worker(self._session, workerinput, files, complain) as stacks:
                items = InheritedItems(self._session.items)
                Worker(self._session, channel, outbox, items, stacks, leave_no_trace=leave_no_trace).run()
            errors = end_session(self._session)
            outbox.send(messages.Closed(packing.pack(self._session.config.workeroutput), errors))  # type: ignore[attr-defined]
            outbox.flush()
        run_exit_handlers()


def _complain(config: pytest.Config, outbox: Outbox, run_folder: RunFolder, text: str) -> None:
    """Warn of something before the first check, unless another worker of the run already has."""
    if not run_folder.is_first_to_report(text):
        return
    warning = warnings.WarningMessage(pytest.PytestWarning(text), pytest.PytestWarning, __file__, 0)
    outbox.send(Encoder(config).warning(warning, "config", "", None))
