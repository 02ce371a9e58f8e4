"""The workers that live: hired through a transport, spoken to, and mourned."""

from __future__ import annotations

import contextlib
import os
import signal
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from pytest_parallel_agents import process_tree
from pytest_parallel_agents.compat.xdist import WorkerNode, XdistCompat
from pytest_parallel_agents.controller.clashes import Clash, Clashes
from pytest_parallel_agents.controller.inbox import GONE, Inbox
from pytest_parallel_agents.controller.setups import describe_setup
from pytest_parallel_agents.runtest.capture import command_output, last_output
from pytest_parallel_agents.runtest.detached_processes import strays
from pytest_parallel_agents.runtest.live_output import LiveOutput
from pytest_parallel_agents.runtest.stacks import DUMP, shorten
from pytest_parallel_agents.transports.base import Transport
from pytest_parallel_agents.wire import execnet_io, junit_records, messages, packing
from pytest_parallel_agents.wire.run_folder import RunFolder


class WorkerPool:
    """Every live worker by its name."""

    def __init__(
        self,
        transport: Transport,
        contract: XdistCompat,
        *,
        run_folder: RunFolder,
        inbox: Inbox,
        live: LiveOutput,
        ahead: bool = False,
    ) -> None:
        self._transport = transport
        self._contract = contract
        self._run_folder = run_folder
        self._ahead = ahead
        self.inbox = inbox
        self.live = live
        self._nodes: dict[str, WorkerNode] = {}
        self._channels: dict[str, Any] = {}
        self._orders: Counter[str] = Counter()
        self._fates: dict[str, str] = {}
        self._killed: set[str] = set()
        self._aside = 0
        self._clashes = Clashes(run_folder)

    def __bool__(self) -> bool:
        return bool(self._channels)

    @property
    def started(self) -> int:
        """How many workers there were, those that were lost included."""
        return len(self._nodes)

    def start(self, workers: Sequence[str]) -> None:
        """Start workers, all at once. Raises OSError when no process can be had."""
        self.live.expect(workers)
        for worker, link in zip(workers, self._transport.start(workers), strict=True):
            self._nodes[worker] = link.node
            self._channels[worker] = link.channel
            link.channel.setcallback(partial(self.inbox.receive, worker), endmarker=GONE)

    @property
    def starts_aside(self) -> bool:
        """Whether a further worker costs next to nothing and cannot disturb what the others have left."""
        return self._transport.starts_clean

    def start_aside(self, like: Sequence[str]) -> dict[str, Any]:
        """Start workers for none of the plan's checks. Returns their channels by their names.

        Plugins are not told of them: each is to them what one of the workers `like` was. Raises OSError.
        """
        first = 1 + max(int(worker.removeprefix("gw")) for worker in self._nodes) + self._aside
        workers = [f"gw{first + number}" for number in range(len(like))]
        self._aside += len(workers)
        self.live.ignore(workers)
        for worker, other in zip(workers, like, strict=True):
            self._contract.take_over(worker, self._nodes[other])
        return {worker: link.channel for worker, link in zip(workers, self._transport.start(workers), strict=True)}

    def end_aside(self, worker: str, *, kill: bool) -> None:
        """Such a worker is over: its process has ended when this returns."""
        if kill:
            self.kill(worker)
        self._transport.exit_status(worker)

    def assign(
        self,
        worker: str,
        lanes: tuple[tuple[int, ...], ...],
        then: int | None,
        tried: tuple[tuple[int, int], ...] = (),
    ) -> None:
        self.tell(worker, messages.Assign(lanes, then, tried, waits=self._ahead))

    def tell(self, worker: str, order: messages.ControllerMessage) -> None:
        """Send an order. A worker that is gone will be reported by its channel's end."""
        channel = self._channels.get(worker)
        if channel is not None:
            self._orders[worker] += 1
            with contextlib.suppress(OSError):
                channel.send(messages.encode_controller_message(self._orders[worker], order))

    def kill(self, worker: str, why: str = "") -> None:
        """End the worker and what it has started, whatever they do about it. `why` is then said to be its fate."""
        if why:
            self._fates[worker] = why
        if (pid := self._transport.living(worker)) is not None:
            process_tree.kill(pid)

    def interrupt(self, worker: str) -> None:
        """Let the running check see a KeyboardInterrupt, and ask what it has started to end."""
        if (pid := self._transport.living(worker)) is not None:
            process_tree.interrupt(pid)

    def interrupt_all(self) -> None:
        for worker in self._channels:
            self.interrupt(worker)

    def dump(self, worker: str) -> None:
        """Have the worker write where its threads stand."""
        if DUMP is not None and (pid := self._transport.living(worker)) is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, DUMP)

    def node(self, worker: str) -> WorkerNode:
        return self._nodes[worker]

    def welcome(self, worker: str, ready: messages.Ready) -> None:
        node = self._nodes[worker]
        interpreter: Any = packing.unpack(ready.interpreter)
        node.workerinfo.update(interpreter)
        execnet_io.introduce(node.gateway, pid=ready.pid, interpreter=interpreter)
        self._contract.ready(node)

    def closed(self, worker: str, closed: messages.Closed) -> None:
        """A worker has ended by itself."""
        node = self._nodes[worker]
        output: Any = packing.unpack(closed.output)
        junit_records.record_for_suite(node.config, output.pop(junit_records.SUITE, ()))
        node.workeroutput = output
        del self._channels[worker]
        self._transport.let_go(worker)
        self._contract.down(node, None)

    def complaint(self, worker: str) -> str:
        """What broke the worker's end of its channel, as text that fits after its name; empty if nothing did."""
        error = execnet_io.remote_error(self._channels[worker])
        return f"broke off: {error}" if error else ""

    def exit_status(self, worker: str) -> str:
        """How the process of a lost worker ended, for people. It has ended when this returns."""
        status = self._transport.exit_status(worker)
        if status == -process_tree.KILL and worker not in self._fates:
            self._killed.add(worker)
        return self._fates.get(worker) or describe_exit(status)

    def was_killed(self, worker: str) -> bool:
        """Whether somebody else has killed a lost worker, which then says nothing of how well it started."""
        return worker in self._killed

    def lost(self, worker: str, exit_status: str) -> None:
        """A worker is lost."""
        del self._channels[worker]
        self._contract.down(self._nodes[worker], exit_status)

    def stacks(self, worker: str) -> str:
        """What faulthandler wrote when the worker crashed or hung; empty if nothing."""
        try:
            return shorten(self._run_folder.of(worker).stacks.read_text(errors="replace"))
        except OSError:
            return ""

    def setup(self, worker: str, *, waits: bool = True) -> str:
        """In the set-up of which wide fixture the worker is, and `waits` or did; as a phrase, empty if in none."""
        return describe_setup(self._run_folder, worker, self._channels, waits=waits)

    def clashes(self, running: Iterable[tuple[str, float]]) -> list[Clash]:
        """Workers that wait for what another has, of those that have been running a check for so many seconds."""
        alive = [(worker, seconds, self._transport.living(worker)) for worker, seconds in running]
        return self._clashes.look(alive, self._nodes)

    def last_output(self, worker: str) -> Sequence[tuple[str, str]]:
        """What the check printed that ran when the worker was lost, as report sections."""
        return last_output(self._run_folder.of(worker))

    def command_output(self, worker: str) -> Sequence[tuple[str, str]]:
        """The same of a command alone. There may be more of it once the worker is gone."""
        return command_output(self._run_folder.of(worker))

    def close(self) -> None:
        for worker in list(self._channels):
            self.kill(worker)
        self._transport.close()
        self.live.close()

    def end_strays(self, worker: str) -> None:
        """End what checks of a worker that ends have detached from it. It may hold the worker's channel open."""
        itself = self._transport.living(worker)
        journal = self._run_folder.of(worker).journal
        for pid in strays(worker=worker, run=self._contract.testrunuid, journal=journal):
            if pid != itself:
                process_tree.kill(pid)

    def gone(self) -> frozenset[str]:
        """Workers whose channel has not ended, and whose process has."""
        return frozenset(worker for worker in self._channels if self._transport.living(worker) is None)

    def stopped(self) -> list[str]:
        """Live workers whose process was stopped by a signal. Those heard since the last time are not looked at."""
        silent = self._channels.keys() - self.inbox.speakers()
        pids = ((worker, self._transport.living(worker)) for worker in silent)
        return [worker for worker, pid in pids if pid is not None and process_tree.is_stopped(pid)]

    def read_journals(self) -> None:
        """Hear what live workers cannot send."""
        self.inbox.read_journals(self._channels)

    def all_unsent(self) -> list[tuple[str, messages.WorkerMessage]]:
        """What live workers have said and not sent yet, for who cannot wait for it."""
        return [(worker, news) for worker in self._channels for news in self.inbox.unsent(worker)]

    def is_live(self, worker: str) -> bool:
        return worker in self._channels


def describe_exit(status: int | None) -> str:
    """An exit status as people name it."""
    if status is None:
        return "ended without reporting why"
    if status >= 0:
        return f"exited with code {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"
