"""The settings with which a fresh interpreter becomes a worker, wherever it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import pytest

from pytest_parallel_agents.agents.baseline import baseline_of
from pytest_parallel_agents.compat.xdist import WorkerNode, XdistCompat
from pytest_parallel_agents.wire import packing
from pytest_parallel_agents.wire.run_folder import RunFolder
from pytest_parallel_agents.worker.own_session import Settings


class Place(msgspec.Struct, frozen=True):
    """Where a worker runs: the run's folder there, and the arguments and variables with which it runs pytest there.

    `base_temp` is the folder for its temporary files, None for one of its own. `host` is the name of the machine if
    it is another one.
    """

    run_folder: str
    argv: tuple[str, ...]
    arguments: tuple[str, ...]
    variables: Mapping[str, str | None]
    base_temp: str | None
    host: str = ""


class RunWide(msgspec.Struct, frozen=True):
    """What all transports of fresh interpreters share in a run. `grace` is in seconds."""

    session: pytest.Session
    compat: XdistCompat
    run_folder: RunFolder
    hash_seed: int
    grace: float


class SessionSettings:
    """What the settings of all workers have in common."""

    def __init__(self, session: pytest.Session) -> None:
        self._config = session.config
        self._nodeids: Sequence[str] = tuple(item.nodeid for item in session.items)
        self._collection_failures = session.testsfailed

    def pack(self, node: WorkerNode, place: Place, *, aside: bool) -> bytes:
        """The settings of the worker of this node, for its channel."""
        settings = Settings(
            worker=node.gateway.id,
            run_folder=place.run_folder,
            workerinput=packing.pack(node.workerinput),
            program=self._config._parser.prog,  # noqa: SLF001
            argv=place.argv,
            arguments=place.arguments,
            variables=dict(place.variables),
            base_temp=place.base_temp,
            nodeids=tuple(self._nodeids),
            collection_failures=self._collection_failures,
            baseline=baseline_of(self._config),
            aside=aside,
            host=place.host,
        )
        return msgspec.msgpack.encode(settings)
