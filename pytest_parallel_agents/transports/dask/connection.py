"""A lease as a connection to a host: the interpreter in its slot, as execnet sees it."""

from __future__ import annotations

from typing import Final

import execnet
from execnet.gateway import Gateway

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.transports.dask.cluster import Cluster, Lease, Slot
from pytest_parallel_agents.transports.dask.pipe import LeasePipe
from pytest_parallel_agents.wire.gateways import controller_side

ANSWER_SECONDS: Final = 30.0
"""Seconds in which an interpreter must have answered: fewer than a run waits for its first slot."""

_END_SECONDS: Final = 2.0


class LeaseConnection:
    """Of a `lease` that has been placed in this `slot`. `host` is unique in a run: a worker of Dask may have several
    slots.

    Raises AgentsError if no interpreter answers, and OSError if the Dask worker is gone.
    """

    def __init__(self, cluster: Cluster, lease: Lease, slot: Slot) -> None:
        self.host = f"{slot.address}/{lease.number}"
        self._cluster = cluster
        self._lease = lease
        self._group = execnet.Group(execmodel="thread")
        self._pipe = LeasePipe(cluster, slot)
        self.gateway = self._connect()

    def close(self) -> None:
        """Ends the interpreter in good order, and gives its slot back."""
        controller_side.end_group(self._group, _END_SECONDS)
        self.cut()

    def cut(self) -> None:
        """Ends it at once. It may have ended."""
        self._pipe.kill()
        self._cluster.forget(self._lease)

    @property
    def is_lost(self) -> bool:
        """Whether the Dask worker is gone, with all that was in its slot."""
        return bool(self._pipe.fault)

    def fault(self) -> str:
        """Why the connection has ended, as far as is known."""
        return self._pipe.fault or self._pipe.errors

    def _connect(self) -> Gateway:
        spec = execnet.XSpec("python=there//id=host")
        try:
            return controller_side.start_over(self._group, self._pipe, spec, seconds=ANSWER_SECONDS)
        except (OSError, EOFError) as error:
            silence = f"the interpreter has ended, or has not answered within {ANSWER_SECONDS:g} s"
            reason = self.fault() or str(error) or silence
        self.cut()
        if self.is_lost:
            raise OSError(reason)
        raise AgentsError(
            f"{self.host}: {reason}",
            hint="name an interpreter of Python 3.11 or later there with //python=...",
        )
