"""Hosts that join a run while it goes on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from queue import SimpleQueue
from typing import TYPE_CHECKING, Protocol

from pytest_parallel_agents.model.hosts import Host

if TYPE_CHECKING:
    from pytest_parallel_agents.transports.remote.transport import RemoteTransport


class Source(Protocol):
    """Where hosts come from."""

    @property
    def lost(self) -> str:
        """Why no further host will come, as text for people; empty if one may."""

    def close(self) -> None:
        """Ends the workers on all hosts that came from here."""


class JoiningHosts:
    """`wake` is called when one joins. `resources` are those that checks use and that are counted per host. `refused`
    holds, in order, why hosts that could have joined could not be used.
    """

    def __init__(self, wake: Callable[[], None] = lambda: None, resources: Collection[str] = ()) -> None:
        self.resources = resources
        self.transports: dict[str, RemoteTransport] = {}
        self.refused: dict[str, None] = {}
        self._wake = wake
        self._arrived: SimpleQueue[tuple[Host, RemoteTransport]] = SimpleQueue()
        self._sources: list[Source] = []
        self._ends = ExitStack()

    def add_source(self, source: Source) -> None:
        """Hosts may join from there. It is closed at the end of the run."""
        self._sources.append(source)
        self._ends.callback(source.close)

    def put(self, host: Host, transport: RemoteTransport) -> None:
        """A host joins. Safe to use from any thread."""
        self._arrived.put((host, transport))
        self._wake()

    def refuse(self, fault: str) -> None:
        """A host that could have joined cannot be used. Safe to use from any thread."""
        self.refused[fault] = None

    def take(self) -> Iterator[Host]:
        """Those that have joined since the last time. Their transports are there from then on."""
        while not self._arrived.empty():
            host, self.transports[host.name] = self._arrived.get()
            yield host

    @property
    def may_come(self) -> bool:
        """Whether further hosts may join."""
        return any(not source.lost for source in self._sources)

    @property
    def lost(self) -> list[str]:
        """Of each that has joined, and of each source, why no worker can be started there; empty if one can."""
        places = [*self.transports.values(), *self._sources]
        return list(dict.fromkeys(place.lost for place in places))

    @property
    def living(self) -> Iterator[RemoteTransport]:
        """Where workers can be started."""
        return (transport for transport in self.transports.values() if not transport.lost)

    def close(self) -> None:
        """Ends what they have started."""
        self._ends.close()
