"""The workers that live: hired through a transport, spoken to, and mourned."""

from __future__ import annotations

import contextlib
import queue
import signal
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from pytest_parallel_agents.workers import gateways, messages, wire
from pytest_parallel_agents.workers.contract import Contract, Node
from pytest_parallel_agents.workers.journal import journal_path, read_journal
from pytest_parallel_agents.workers.stacks import shorten, stacks_path
from pytest_parallel_agents.workers.transport import KILL, Transport

GONE = object()


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came from a worker; `news` is None when its channel has ended, after which nothing comes."""

    worker: str
    news: messages.News | None
    garbage: str = ""


class Crew:
    """Every live worker by its name."""

    def __init__(
        self, transport: Transport, contract: Contract, addresses: Sequence[messages.Address], run_folder: Path
    ) -> None:
        self._transport = transport
        self._contract = contract
        self._addresses = addresses
        self._run_folder = run_folder
        self._nodes: dict[str, Node] = {}
        self._channels: dict[str, Any] = {}
        self._inbox: queue.SimpleQueue[Sequence[Arrival]] = queue.SimpleQueue()
        self._batches: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self._channels)

    def hire(self, workers: Sequence[str]) -> None:
        """Start workers, all at once. Raises OSError when no process can be had."""
        for worker, link in zip(workers, self._transport.start(workers), strict=True):
            self._nodes[worker] = link.node
            self._channels[worker] = link.channel
            link.channel.setcallback(partial(self._receive, worker), endmarker=GONE)

    def assign(self, worker: str, lanes: tuple[tuple[int, ...], ...], then: int | None) -> None:
        if not self._transport.inherits:
            known = chain(*lanes, () if then is None else (then,))
            self.tell(worker, messages.Describe(tuple(self._addresses[check] for check in known)))
        self.tell(worker, messages.Assign(lanes, then))

    def tell(self, worker: str, order: messages.Order) -> None:
        """Send an order. A worker that is gone will be reported by its channel's end."""
        channel = self._channels.get(worker)
        if channel is not None:
            with contextlib.suppress(OSError):
                channel.send(messages.encode(order))

    def kill(self, worker: str) -> None:
        self._transport.signal(worker, KILL)

    def interrupt(self) -> None:
        """Let every worker's running check see a KeyboardInterrupt."""
        for worker in self._channels:
            self._transport.signal(worker, signal.SIGINT)

    def wait(self, seconds: float | None) -> Iterable[Arrival]:
        """All that has arrived, after waiting up to `seconds` for the first."""
        try:
            yield from self._inbox.get(timeout=seconds)
            while True:
                yield from self._inbox.get_nowait()
        except queue.Empty:
            return

    def node(self, worker: str) -> Node:
        return self._nodes[worker]

    def welcome(self, worker: str, ready: messages.Ready) -> None:
        node = self._nodes[worker]
        interpreter: Any = wire.unpack(ready.interpreter)
        node.workerinfo.update(interpreter)
        gateways.introduce(node.gateway, pid=ready.pid, interpreter=interpreter)
        self._contract.ready(node)

    def dismiss(self, worker: str, closed: messages.Closed) -> None:
        """A worker has ended by itself."""
        node = self._nodes[worker]
        output: Any = wire.unpack(closed.output)
        node.workeroutput = output
        del self._channels[worker]
        self._contract.down(node, None)

    def mourn(self, worker: str) -> str:
        """A worker is lost: how its process ended, for people."""
        del self._channels[worker]
        fate = describe_fate(self._transport.fate(worker))
        self._contract.down(self._nodes[worker], fate)
        return fate

    def stacks(self, worker: str) -> str:
        """What faulthandler wrote when the worker crashed or hung; empty if nothing."""
        try:
            return shorten(stacks_path(self._run_folder, worker).read_text(errors="replace"))
        except OSError:
            return ""

    def close(self) -> None:
        for worker in list(self._channels):
            self.kill(worker)
        self._transport.close()

    def is_live(self, worker: str) -> bool:
        return worker in self._channels

    def _receive(self, worker: str, data: object) -> None:
        if data is GONE:
            self._inbox.put([*self._last_words(worker), Arrival(worker, None)])
            return
        try:
            self._batches[worker], batch = messages.decode_batch(data)  # type: ignore[arg-type]
            self._inbox.put([Arrival(worker, news) for news in batch])
        except (msgspec.DecodeError, TypeError) as error:
            self._inbox.put([Arrival(worker, None, garbage=str(error))])

    def _last_words(self, worker: str) -> list[Arrival]:
        """What a worker had said but not sent when it ended."""
        number, frames = read_journal(journal_path(self._run_folder, worker))
        if number <= self._batches.get(worker, 0):
            return []  # it was sent, and the worker ended before it could strike it out
        _, batch = messages.decode_batch(messages.encode_batch(number, frames))
        return [Arrival(worker, news) for news in batch]


def describe_fate(status: int | None) -> str:
    """An exit status as people name it."""
    if status is None:
        return "did not end"
    if status >= 0:
        return f"exited with code {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"
