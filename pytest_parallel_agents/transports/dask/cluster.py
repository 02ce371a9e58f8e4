"""A cluster of Dask: what it has, leases on its slots, and calls to its workers.

Everything of Dask's that runs in this process does so here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shlex
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from importlib.metadata import version
from typing import Any, Final, TypeAlias, TypeVar

import msgspec

from pytest_parallel_agents.dask_spec import DaskSpec
from pytest_parallel_agents.transports.dask.client import CONNECT_SECONDS, connected, quieted, words_of
from pytest_parallel_agents.transports.dask.lease import OPERATION, SILENCE_SECONDS, TASK, Order

_Result = TypeVar("_Result")

_DIRECT_SECONDS: Final = 5.0
"""How long a Dask worker may take to accept a direct connection. Otherwise calls go through the scheduler."""

_CLOSE_SECONDS: Final = 2.0


Kind: TypeAlias = frozenset[str]
"""The resources of Dask of which a slot holds one each."""

PLAIN: Final = Kind()


class Slot(msgspec.Struct, frozen=True):
    """Where a lease has been placed: the `address` of the Dask worker, and its `pipe` there."""

    address: str
    pipe: str


class Lease:
    """A task that waits for a slot, or holds one. `slot` is where it was placed; `fault` why it has ended, as text that
    fits behind "a lease".
    """

    def __init__(self, kind: Kind, number: int) -> None:
        self.kind = kind
        self.number = number
        self.task: Any = None
        self.slot: Slot | None = None
        self.fault = ""


class Cluster:
    """Connected to a scheduler until it is closed. Raises AgentsError if it cannot be, or once `cancelled` is set.

    `members` are the addresses of the Dask workers at the last look.
    """

    def __init__(self, spec: DaskSpec, cancelled: threading.Event | None = None) -> None:
        self._spec = spec
        self._levels = quieted()
        self._client = connected(spec, cancelled or threading.Event())
        self._topic = f"pytest-parallel-agents-{uuid.uuid4().hex}"
        self._leases: dict[str, Lease] = {}
        self._changed = threading.Condition()
        self._changes = 0
        self._reached: dict[str, bool] = {}
        self._looking: Future[Any] | None = None
        self._looks = True
        self.members: frozenset[str] = frozenset()
        self._client.subscribe_topic(self._topic, self._placed)

    def kinds(self, resources: Collection[str], number: int | None = None) -> Counter[Kind]:
        """The slots that the cluster has now, free or not: each may hold one of these resources where its Dask worker
        has one left for it.

        With a `number` that many, those with resources first, and at least one. Raises TimeoutError while the scheduler
        does not answer, and another OSError when it is gone.
        """
        found = [
            Kind(name for name in resources if thread + 1 <= worker["resources"].get(name, 0))
            for worker in self._workers()
            for thread in range(worker["nthreads"])
        ]
        found.sort(key=len, reverse=True)
        wanted = max(1, len(found) if number is None else number)
        return Counter([*found, *[PLAIN] * (wanted - len(found))][:wanted])

    def describe(self) -> str:
        """What the cluster has, for people."""
        try:
            workers = self._workers()
        except OSError as error:
            return str(error)
        return f"it has {len(workers)} workers with {sum(worker['nthreads'] for worker in workers)} threads"

    def submit(self, kind: Kind, arguments: Sequence[str]) -> Lease:
        """Asks for a slot of this kind, in which an interpreter is then started with these arguments."""
        number = len(self._leases) + 1
        name = f"pytest-parallel-agents-{uuid.uuid4()}"
        python = None if self._spec.python is None else shlex.split(self._spec.python)
        order = Order(name, self._topic, arguments, python)
        lease = self._leases[name] = Lease(kind, number)  # before it can be placed
        needs = dict.fromkeys(kind, 1) or None
        values = {"wanted": version("pytest-parallel-agents"), "order": msgspec.msgpack.encode(order)}
        lease.task = self._client.submit(exec, TASK, values, key=name, pure=False, resources=needs)
        lease.task.add_done_callback(partial(self._ended, lease))
        return lease

    def wait(self, seconds: float) -> None:
        """Waits until a lease has been placed or has ended, or `wake` was called, since the last time."""
        with self._changed:
            self._changed.wait_for(lambda: self._changes, timeout=seconds)
            self._changes = 0

    def wake(self) -> None:
        """Ends a wait."""
        with self._changed:
            self._changes += 1
            self._changed.notify_all()

    def stop_looking(self) -> None:
        """Lets nothing wait any longer to see what the cluster has, now and later: then it counts as gone."""
        self._looks = False
        if self._looking is not None:
            self._looking.cancel()

    def forget(self, lease: Lease) -> None:
        """The lease is not needed any more: Dask may give its slot to others."""
        self.run(self._cancel(lease))

    async def call(self, slot: Slot, action: str, data: bytes = b"") -> Mapping[str, Any]:
        """Has the lease do this. Raises OSError when it or its Dask worker is gone."""
        try:
            reply = await asyncio.wait_for(self._rpc(slot, action, data), SILENCE_SECONDS)
        except TimeoutError:
            self._lost(slot)
            raise OSError(f"the Dask worker at {slot.address} has not answered for {SILENCE_SECONDS:g} s") from None
        except Exception as error:  # noqa: BLE001 - likewise
            self._lost(slot)
            raise OSError(f"the Dask worker at {slot.address} is gone ({words_of(error)})") from None
        if not isinstance(reply, dict):
            self._lost(slot)
            raise OSError(f"the Dask worker at {slot.address} knows nothing of its lease any more")
        return reply

    def run(self, work: Coroutine[Any, Any, _Result]) -> Future[_Result]:
        """Runs it in the thread of Dask's event loop."""
        return asyncio.run_coroutine_threadsafe(work, self._client.loop.asyncio_loop)

    def call_soon(self, work: Callable[..., object], *arguments: object) -> None:
        """Calls it in that thread."""
        self._client.loop.add_callback(work, *arguments)

    def close(self) -> None:
        """Gives all slots back: Dask releases the tasks of a client that goes."""
        with contextlib.suppress(Exception):  # the scheduler may be gone
            self._client.close(timeout=_CLOSE_SECONDS)
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)

    async def _rpc(self, slot: Slot, action: str, data: bytes) -> object:
        import distributed.actor

        if slot.address not in self._reached:
            self._reached[slot.address] = await self._reaches(slot.address)
        is_direct = self._reached[slot.address]
        proxy: Any = distributed.actor.ProxyRPC
        rpc = self._client.rpc(slot.address) if is_direct else proxy(self._client.scheduler, slot.address)
        return await getattr(rpc, OPERATION)(pipe=slot.pipe, action=action, data=data)

    async def _reaches(self, address: str) -> bool:
        try:
            comm = await asyncio.wait_for(self._client.rpc.connect(address), _DIRECT_SECONDS)
        except (OSError, TimeoutError):
            return False
        self._client.rpc.reuse(address, comm)
        return True

    async def _cancel(self, lease: Lease) -> None:
        with contextlib.suppress(Exception):  # the scheduler may be gone, and the slot with it
            await asyncio.wait_for(self._client.cancel([lease.task], asynchronous=True), _CLOSE_SECONDS)

    def _workers(self) -> Sequence[Mapping[str, Any]]:
        if self._client.status != "running":
            raise OSError("the connection to the scheduler of Dask was lost")
        looking = self._looking = self.run(self._client.scheduler.identity(n_workers=-1))
        if not self._looks:
            looking.cancel()
        try:
            workers = looking.result(CONNECT_SECONDS)["workers"]
        except TimeoutError:
            looking.cancel()
            raise TimeoutError(f"the scheduler of Dask has not answered for {CONNECT_SECONDS:g} s") from None
        except Exception as error:  # noqa: BLE001 - Dask raises whatever the other side raised
            raise OSError(f"the scheduler of Dask does not answer ({words_of(error)})") from None
        self.members = frozenset(workers)
        return tuple(workers.values())

    def _placed(self, event: tuple[float, Mapping[str, str]]) -> None:
        """A lease has been placed. Once more, if its Dask worker was lost: then it is not wanted."""
        news = event[1]
        slot, lease = Slot(news["address"], news["pipe"]), self._leases[news["lease"]]
        if lease.slot is None and not lease.fault:
            lease.slot = slot
            self.wake()
        else:
            self._end(lease, "lost its worker")

    def _lost(self, slot: Slot) -> None:
        for lease in list(self._leases.values()):  # which another thread adds to
            if lease.slot == slot:
                self._end(lease, "lost its worker")

    def _end(self, lease: Lease, fault: str) -> None:
        lease.fault = lease.fault or fault
        self.forget(lease)
        self.wake()

    def _ended(self, lease: Lease, task: Any) -> None:
        error = task.exception() if task.status == "error" else None
        lease.fault = lease.fault or (f"failed ({words_of(error)})" if error is not None else f"was {task.status}")
        self.wake()
