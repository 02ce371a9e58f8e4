"""Connects to a cluster of Dask: each slot that it gives is a host with one worker."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from pytest_parallel_agents.dask_spec import DaskSpec
from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.model.hosts import Host
from pytest_parallel_agents.transports.dask.cluster import Cluster, Kind
from pytest_parallel_agents.transports.dask.connection import LeaseConnection
from pytest_parallel_agents.transports.dask.slots import Slots
from pytest_parallel_agents.transports.joining import JoiningHosts
from pytest_parallel_agents.transports.remote.host_messages import DigestOnHost
from pytest_parallel_agents.transports.remote.transport import HostPlace, RemoteTransport
from pytest_parallel_agents.transports.session_settings import RunWide

_CLOSED_AT_ONCE: Final = 16


class DaskHosts:
    """The slots of one cluster, which join from `open` on.

    A slot holds one of each resource that its Dask worker declares and has left. Checks that need another one run
    elsewhere.
    """

    def __init__(
        self,
        run: RunWide,
        spec: DaskSpec,
        code: DigestOnHost,
        joining: JoiningHosts,
    ) -> None:
        self._run = run
        self._spec = spec
        self._code = code
        self._joining = joining
        self._opened: list[RemoteTransport] = []
        self._cancelled = threading.Event()
        self._cluster: Cluster | None = None
        self._slots: Slots | None = None

    def open(self) -> None:
        """Waits for the first slots. Raises AgentsError."""
        self._cluster = Cluster(self._spec, self._cancelled)
        self._slots = Slots(
            self._cluster,
            number=self._spec.number,
            resources=self._joining.resources,
            use=self._use,
            refuse=self._joining.refuse,
        )
        if self._cancelled.is_set():
            self._slots.cancel()
        self._slots.begin()

    def cancel(self) -> None:
        """Lets `open` wait no longer, also if it is called later."""
        self._cancelled.set()
        if self._slots is not None:
            self._slots.cancel()

    @property
    def lost(self) -> str:
        """Why no further slot will come; empty if one may."""
        return "it was not reached" if self._slots is None else self._slots.lost

    def close(self) -> None:
        """Gives all slots back."""
        if self._slots is not None:
            self._slots.close()
        with ThreadPoolExecutor(_CLOSED_AT_ONCE) as threads:
            for transport in self._opened:
                threads.submit(transport.close)
        if self._cluster is not None:
            self._cluster.close()

    def _use(self, connection: LeaseConnection, kind: Kind) -> None:
        """Raises AgentsError if workers cannot be started there, and OSError if it is gone."""
        transport = RemoteTransport(self._run, self._place(), self._code)
        try:
            transport.open(connection)
        except AgentsError as error:
            if connection.is_lost:
                raise OSError(str(error)) from None
            raise
        self._opened.append(transport)
        capacities = {name: int(name in kind) for name in self._joining.resources}
        self._joining.put(Host(name=connection.host, cpus=1, workers=1, capacities=capacities), transport)

    def _place(self) -> HostPlace:
        spec = self._spec
        return HostPlace(
            spec="dask",
            folder=spec.chdir or str(self._run.session.config.rootpath),
            nice=spec.nice,
            variables=spec.environment,
        )
