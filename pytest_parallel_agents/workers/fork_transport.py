"""Workers that are forks of the collected controller."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pytest_parallel_agents.workers import forked, gateways, messages, wire
from pytest_parallel_agents.workers.contract import Contract, interpreter
from pytest_parallel_agents.workers.items import InheritedItems
from pytest_parallel_agents.workers.journal import Journal, journal_path
from pytest_parallel_agents.workers.outbox import Outbox
from pytest_parallel_agents.workers.stacks import stacks_path
from pytest_parallel_agents.workers.transport import KILL, KILL_SECONDS, Link
from pytest_parallel_agents.workers.worker import Worker
from pytest_parallel_agents.workers.zygote import Zygote


class ForkTransport:
    """Workers are forks that have inherited the collected items. Must be made before the process has threads."""

    inherits = True

    def __init__(self, session: pytest.Session, contract: Contract, run_folder: Path) -> None:
        self._session = session
        self._contract = contract
        self._run_folder = run_folder
        self._group = gateways.new_group()
        self._statuses: dict[str, int] = {}
        self._ended = threading.Condition()
        forked.flush_streams()
        self._zygote = Zygote(self._work, self._note_end)

    def start(self, workers: Sequence[str]) -> list[Link]:
        return [self._start(worker) for worker in workers]

    def _start(self, worker: str) -> Link:
        pid, sock = self._zygote.fork(worker)
        io = gateways.SocketIO(sock, wait=lambda: self.fate(worker), kill=lambda: self.signal(worker, KILL))
        gateway = gateways.adopt(self._group, worker, io)
        gateways.introduce(gateway, pid=pid, interpreter=interpreter())
        node = self._contract.configure(gateway)
        channel = gateway.remote_exec(gateways.FORKED_MAIN)
        channel.send(wire.pack(node.workerinput))
        return Link(node, channel)

    def signal(self, worker: str, signum: int) -> None:
        self._zygote.signal(worker, signum)

    def fate(self, worker: str) -> int | None:
        with self._ended:
            self._ended.wait_for(lambda: worker in self._statuses, timeout=KILL_SECONDS)
            return self._statuses.get(worker)

    def close(self) -> None:
        self._group.terminate(timeout=KILL_SECONDS)
        self._zygote.close()

    def _note_end(self, worker: str, status: int) -> None:
        with self._ended:
            self._statuses[worker] = status
            self._ended.notify_all()

    def _work(self, worker: str, sock: socket.socket) -> None:
        """Runs in the worker."""

        def main(channel: Any) -> None:
            workerinput: Any = wire.unpack(channel.receive())
            with forked.as_worker(self._session, workerinput, stacks_path(self._run_folder, worker)) as stacks:
                outbox = Outbox(channel, Journal(journal_path(self._run_folder, worker)))
                Worker(self._session, channel, outbox, InheritedItems(self._session.items), stacks).run()
            outbox.say(messages.Closed(wire.pack(self._session.config.workeroutput)))  # type: ignore[attr-defined]
            outbox.flush()

        gateways.serve(sock, worker, main)
