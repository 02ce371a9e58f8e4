"""The live workers: starts and closes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import Any

from pytest_parallel_agents.compat.xdist import WorkerNode, XdistCompat
from pytest_parallel_agents.controller.signals import broken_pipes_raise
from pytest_parallel_agents.controller.workers.assignments import Assignments
from pytest_parallel_agents.controller.workers.clock import RunClock
from pytest_parallel_agents.controller.workers.inbox import Inbox
from pytest_parallel_agents.controller.workers.incoming import IncomingMessages
from pytest_parallel_agents.controller.workers.remote_worker import RemoteWorker
from pytest_parallel_agents.controller.workers.setup_phrase import describe_setup
from pytest_parallel_agents.model.hosts import LOCAL, Host
from pytest_parallel_agents.runtest.live_output import LiveOutput
from pytest_parallel_agents.transports.base import HostLost, Link, Transport
from pytest_parallel_agents.transports.joining import JoiningHosts
from pytest_parallel_agents.wire import junit_records, messages, packing
from pytest_parallel_agents.wire.run_folder import RunFolder


class WorkerPool:
    """`live` are the workers that are not known to have ended, by their names. True while there are any.

    `nodes` are those of all workers of the run, `local` the names of those on this machine. `assignments` makes the
    record of a new worker's checks.
    """

    def __init__(
        self,
        transport: Transport,
        compat: XdistCompat,
        *,
        run_folder: RunFolder,
        inbox: Inbox,
        live_output: LiveOutput,
        clock: RunClock,
        assignments: Callable[[], Assignments],
        grace: float,
        joining: JoiningHosts | None = None,
    ) -> None:
        self._transport = transport
        self._joining = joining or JoiningHosts()
        self._compat = compat
        self._assignments = assignments
        self._clock = clock
        self._grace = grace
        self._aside = 0
        self.run_folder = run_folder
        self.inbox = inbox
        self.live_output = live_output
        self.live: dict[str, RemoteWorker] = {}
        self.nodes: dict[str, WorkerNode] = {}
        self.local: set[str] = set()
        self._end = ExitStack()
        self._end.enter_context(broken_pipes_raise())

    def __bool__(self) -> bool:
        return bool(self.live)

    @property
    def hosts_lost(self) -> str:
        """Why no worker can be started on any host, as text for people; empty if one can."""
        reasons = [self._transport.lost, *self._joining.lost]
        return "; ".join(reasons) if all(reasons) else ""

    @property
    def hosts_refused(self) -> str:
        """Why hosts that could have joined could not be used, as text for people."""
        return "; ".join(self._joining.refused)

    @property
    def may_grow(self) -> bool:
        """Whether hosts may join."""
        return self._joining.may_come

    def take_joined(self) -> Iterator[Host]:
        """Hosts that have joined since the last time."""
        return self._joining.take()

    def request(self, names: Mapping[str, Sequence[str]]) -> None:
        """Begins to start workers on hosts that have joined, by these. `start` follows for each host."""
        for host, workers in names.items():
            if host in self._joining.transports:
                with suppress(HostLost):  # which is raised when they are started
                    self._joining.transports[host].request(workers)

    def start(self, names: Sequence[str], host: str = LOCAL) -> None:
        """Starts workers on this host, all at once. Raises OSError when no process can be started, and HostLost."""
        self.live_output.expect(names, here=host == LOCAL)
        for name, link in zip(names, self._at(host).start(names), strict=True):
            worker = self.live[name] = self._worker(name, link, self.inbox)
            self.nodes[name] = worker.node
            self.local.update(() if worker.host else [name])
            worker.listen()

    @property
    def starts_aside(self) -> bool:
        """Whether a further worker costs almost nothing, and configures no plugin again."""
        return self._transport.starts_clean

    def start_aside(self, like: Sequence[str], inbox: Inbox) -> list[RemoteWorker]:
        """Starts workers that have none of the plan's checks, and whose messages come into `inbox`.

        Plugins do not see them: each has what they gave to one of the workers `like`, if that was one. Raises OSError.
        """
        first = 1 + max((int(name.removeprefix("gw")) for name in self.nodes), default=-1) + self._aside
        names = [f"gw{first + number}" for number in range(len(like))]
        self._aside += len(names)
        self.live_output.ignore(names)
        aside = next(self._joining.living, self._transport) if self._transport.lost else self._transport
        for name, other in zip(names, like, strict=True):
            self._compat.take_over(name, self.nodes.get(other))
        links = zip(names, aside.start(names, aside=True), strict=True)
        return [self._worker(name, link, inbox) for name, link in links]

    def introduced(self, worker: RemoteWorker, ready: messages.Ready) -> None:
        """A worker has started."""
        interpreter: Any = packing.unpack(ready.interpreter)
        worker.introduced(ready, interpreter)
        self._compat.ready(worker.node)

    def closed(self, worker: RemoteWorker, closed: messages.Closed) -> None:
        """A worker has ended by itself."""
        output: Any = packing.unpack(closed.output)
        junit_records.record_for_suite(worker.node.config, output.pop(junit_records.SUITE, ()))
        worker.node.workeroutput = output
        del self.live[worker.name]
        worker.process.release()
        self._compat.down(worker.node, None)

    def lost(self, worker: RemoteWorker, exit_status: str) -> None:
        """A worker has ended without its last message."""
        del self.live[worker.name]
        self._compat.down(worker.node, exit_status)

    def setup_phrase(self, name: str, *, waits: bool = True) -> str:
        """The wide fixture in whose set-up the worker is, and `waits` or did; as a phrase, empty if in none."""
        return describe_setup(self.run_folder, name, self.live, waits=waits)

    def close(self) -> None:
        """Ends the workers that are left, also when Ctrl-C comes meanwhile."""
        with self._end as ends:
            for close in (self.live_output.close, self._transport.close, self._joining.close):  # the last one first
                ends.callback(close)
            for worker in self.live.values():
                worker.kill()

    def _at(self, host: str) -> Transport:
        joined = self._joining.transports.get(host)
        return self._transport.at(host) if joined is None else joined

    def _worker(self, name: str, link: Link, inbox: Inbox) -> RemoteWorker:
        files = self.run_folder.of(name)
        incoming = IncomingMessages(name, files.journal, inbox.put)
        return RemoteWorker(
            link,
            files=files,
            assignments=self._assignments(),
            incoming=incoming,
            clock=self._clock,
            grace=self._grace,
        )
