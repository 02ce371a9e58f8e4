"""As many slots of a cluster as are wanted: asked for, connected, and replaced when they are lost."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.transports.dask.cluster import Cluster, Kind, Lease, Slot
from pytest_parallel_agents.transports.dask.connection import LeaseConnection
from pytest_parallel_agents.wire.gateways.execnet_io import BOOTSTRAP

PLACE_SECONDS: Final = 60.0
"""How long a run waits for the first slot."""

GATHER_SECONDS: Final = 5.0
"""How long it then waits for those that it could have at once. Later ones join."""

_LOOK_SECONDS: Final = 1.0
_OPENED_AT_ONCE: Final = 16
_NAMED: Final = 3


class _Fault(NamedTuple):
    """Why a slot could not be used, and which Dask workers the cluster had then."""

    reason: str
    members: frozenset[str]


class Slots:
    """Keeps `number` slots, or as many as the cluster has; the `resources` are those that checks use.

    `use` is called with each connection, in a thread. It raises AgentsError if it cannot be used, and OSError if it is
    gone. `refuse` is called with the reason for each slot that cannot be used. `lost` is why there will be no further
    slot.
    """

    def __init__(
        self,
        cluster: Cluster,
        *,
        number: int | None,
        resources: Iterable[str],
        use: Callable[[LeaseConnection, Kind], None],
        refuse: Callable[[str], None],
    ) -> None:
        self._cluster = cluster
        self._number = number
        self._resources = frozenset(resources)
        self._use = use
        self._refuse = refuse
        self._held: list[Lease] = []
        self._taken: set[Lease] = set()
        self._faults: list[_Fault] = []
        self._opened: set[Lease] = set()
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._openers = ThreadPoolExecutor(_OPENED_AT_ONCE, thread_name_prefix="dask-open")
        self._keeper = threading.Thread(target=self._keep, name="dask-slots", daemon=True)
        self.lost = ""

    def begin(self) -> None:
        """Waits for the first slots. Raises AgentsError if there are none within a while, or one cannot be used."""
        self._keeper.start()
        with self._changed:
            self._changed.wait_for(lambda: self._opened or self._faults or self.lost, timeout=PLACE_SECONDS)
            self._changed.wait_for(
                lambda: len(self._opened) >= len(self._held) or self._faults or self.lost, timeout=GATHER_SECONDS
            )
            if self._faults:
                raise AgentsError("; ".join(dict.fromkeys(fault.reason for fault in self._faults[:_NAMED])))
            if self.lost:
                raise AgentsError(self.lost)
            if not self._opened:
                raise AgentsError(
                    f"no slot of the cluster of Dask became free within {PLACE_SECONDS:g} s: "
                    f"{self._cluster.describe()}",
                    hint="start workers with 'dask worker', or wait until they have time",
                )

    def cancel(self) -> None:
        """Lets `begin` wait no longer."""
        self._end("was not waited for any longer")

    def close(self) -> None:
        """Asks for no further ones. Those that are connected are their users' to close."""
        self._closing.set()
        self._cluster.stop_looking()
        self._cluster.wake()
        if self._keeper.ident is not None:
            self._keeper.join()
        for lease in self._held:
            if lease not in self._opened:
                self._cluster.forget(lease)  # or it would be waited for until it answers
        self._openers.shutdown(cancel_futures=True)

    def _keep(self) -> None:
        """In a thread of its own."""
        while not self._closing.is_set():
            try:
                self._top_up()
            except TimeoutError:
                pass  # it may answer again
            except OSError as error:
                self._end(str(error))
                return
            for lease in self._held:
                if lease.slot is not None and lease not in self._taken:
                    self._taken.add(lease)
                    self._openers.submit(self._open, lease, lease.slot)
            self._cluster.wait(_LOOK_SECONDS)

    def _top_up(self) -> None:
        """Asks for what is missing. A slot that could not be used is not replaced as long as the cluster has the same
        Dask workers: the next would not be better.
        """
        for lease in [lease for lease in self._held if lease.fault]:
            self._held.remove(lease)
            if lease.slot is None:
                self._fail(f"a task on the cluster of Dask {lease.fault} (see the Dask worker's log, and //python=...)")
        wanted = self._cluster.kinds(self._resources, self._number)
        missing = wanted - Counter(lease.kind for lease in self._held)
        spent = sum(fault.members == self._cluster.members for fault in self._faults)
        for kind in missing.elements():
            if spent:
                spent -= 1
            else:
                self._held.append(self._cluster.submit(kind, ["-u", "-c", BOOTSTRAP]))

    def _open(self, lease: Lease, slot: Slot) -> None:
        try:
            self._use(LeaseConnection(self._cluster, lease, slot), lease.kind)
        except OSError:  # it is gone, and another one takes its place
            self._cluster.forget(lease)
            return
        except AgentsError as error:
            self._cluster.forget(lease)
            self._fail(str(error))
            return
        with self._changed:
            self._opened.add(lease)
            self._changed.notify_all()

    def _fail(self, reason: str) -> None:
        self._refuse(reason)
        with self._changed:
            self._faults.append(_Fault(reason, self._cluster.members))
            self._changed.notify_all()

    def _end(self, reason: str) -> None:
        with self._changed:
            self.lost = reason
            self._changed.notify_all()
