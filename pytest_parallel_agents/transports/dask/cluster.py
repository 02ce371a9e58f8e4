"""A cluster of Dask: what it has, leases on its slots, and calls to its workers.

Everything of Dask's that runs in this process does so here.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import shlex
import threading
import uuid
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

import msgspec

from pytest_parallel_agents.dask_spec import DaskSpec
from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.transports.dask.lease import OPERATION, SILENCE_SECONDS, TASK, Order

_Result = TypeVar("_Result")

CONNECT_SECONDS: Final = 15.0
"""How long the scheduler may take to answer."""

_DIRECT_SECONDS: Final = 5.0
"""How long a Dask worker may take to accept a direct connection. Otherwise calls go through the scheduler."""

_CLOSE_SECONDS: Final = 2.0
_CONNECTIONS: Final = 1 << 13
_LOUD: Final = ("distributed", "distributed.client")


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
    """Connected to a scheduler until it is closed. Raises AgentsError if it cannot be."""

    def __init__(self, spec: DaskSpec) -> None:
        self._spec = spec
        self._levels = _quieted()
        self._client: Any = _connected(spec)  # hardly anything of Dask's has types
        self._topic = f"pytest-parallel-agents-{uuid.uuid4().hex}"
        self._leases: dict[str, Lease] = {}
        self._changed = threading.Condition()
        self._changes = 0
        self._reached: dict[str, bool] = {}
        self._client.subscribe_topic(self._topic, self._placed)

    def kinds(self, resources: Collection[str], number: int | None = None) -> Counter[Kind]:
        """The slots that the cluster has now, free or not: each may hold one of these resources where its Dask worker
        has one left for it.

        With a `number` that many, those with resources first, and at least one. Raises OSError when the scheduler is
        gone.
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

    def forget(self, lease: Lease) -> None:
        """The lease is not needed any more: Dask may give its slot to others."""
        self.run(self._cancel(lease))

    async def call(self, slot: Slot, action: str, data: bytes = b"") -> Mapping[str, Any]:
        """Has the lease do this. Raises OSError when it or its Dask worker is gone."""
        try:
            reply = await asyncio.wait_for(self._rpc(slot, action, data), SILENCE_SECONDS)
        except Exception as error:  # noqa: BLE001 - likewise
            self._lost(slot)
            raise OSError(f"the Dask worker at {slot.address} is gone ({_words(error)})") from None
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
        try:
            info = self.run(self._client.scheduler.identity(n_workers=-1)).result(CONNECT_SECONDS)
        except Exception as error:  # noqa: BLE001 - Dask raises whatever the other side raised
            raise OSError(f"the scheduler of Dask does not answer ({_words(error)})") from None
        return tuple(info["workers"].values())

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
        lease.fault = lease.fault or (f"failed ({_words(error)})" if error is not None else f"was {task.status}")
        self.wake()


def _connected(spec: DaskSpec) -> Any:
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError:
        raise AgentsError(
            "--tx dask needs the package distributed", hint="pip install 'pytest-parallel-agents[dask]'"
        ) from None
    where: dict[str, Any] = {"scheduler_file" if spec.is_file else "address": spec.scheduler}
    if spec.is_file and not Path(spec.scheduler).is_file():
        raise AgentsError(f"--tx dask={spec.scheduler}: there is no such scheduler file", hint="give tcp://HOST:PORT")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of packages whose versions differ: what matters is compared elsewhere
            return distributed.Client(
                **where,
                security=_security(spec, distributed.Security),
                timeout=CONNECT_SECONDS,
                set_as_default=False,
                connection_limit=_CONNECTIONS,
                name="pytest-parallel-agents",
            )
    except Exception as error:  # noqa: BLE001 - ssl, sockets and Dask have their own
        raise AgentsError(
            f"--tx dask={spec.scheduler}: no scheduler of Dask could be reached within {CONNECT_SECONDS:g} s "
            f"({_words(error)})",
            hint="start one with 'dask scheduler', or correct address and certificates",
        ) from None


def _security(spec: DaskSpec, security: Any) -> Any:
    """None: Dask's own configuration decides."""
    files = {"tls_ca_file": spec.ca, "tls_client_cert": spec.cert, "tls_client_key": spec.key}
    given = {name: value for name, value in files.items() if value is not None}
    return security(require_encryption=True, **given) if given else None


def _quieted() -> dict[str, int]:
    """Keeps Dask's log, which it writes to standard error, from the terminal. Returns the levels of before."""
    levels = {name: logging.getLogger(name).level for name in _LOUD}
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return levels


def _words(error: BaseException) -> str:
    """What an error came from, in one line."""
    while error.__cause__ is not None:
        error = error.__cause__
    return " ".join(f"{type(error).__name__}: {error}".rstrip(": ").split())
