"""Workers of several kinds, and on several hosts, in one run."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

import msgspec

from pytest_parallel_agents.model.hosts import LOCAL
from pytest_parallel_agents.transports.base import Link, Transport, WorkerProcess


class Share(msgspec.Struct, frozen=True):
    """How many of the workers one transport is to have, in proportion to the others of its host."""

    transport: Transport
    workers: int
    host: str = LOCAL


class MixedTransport:
    """Keeps the numbers of living workers in proportion."""

    def __init__(self, shares: Sequence[Share]) -> None:
        self._shares = shares
        self._processes: list[list[WorkerProcess]] = [[] for _ in shares]
        self._hosts: dict[str, Transport] = {}

    @property
    def starts_clean(self) -> bool:
        return any(share.transport.starts_clean for share in self._shares)

    @property
    def lost(self) -> str:
        reasons = [share.transport.lost for share in self._shares]
        return ("; ".join(reasons) or "no host is left") if all(reasons) else ""

    def at(self, host: str) -> Transport:
        if host not in self._hosts:
            shares = [share for share in self._shares if share.host == host]
            self._hosts[host] = shares[0].transport if len(shares) == 1 else MixedTransport(shares)
        return self._hosts[host]

    def start(self, workers: Sequence[str], *, aside: bool = False) -> list[Link]:
        links: dict[str, Link] = {}
        for number, names in self._divide(workers, aside=aside).items():
            started = self._shares[number].transport.start(names, aside=aside)
            links.update(zip(names, started, strict=True))
            self._processes[number] += [link.process for link in started]
        return [links[worker] for worker in workers]

    def close(self) -> None:
        with ExitStack() as ends:
            for share in self._shares:
                ends.callback(share.transport.close)

    def _divide(self, workers: Sequence[str], *, aside: bool) -> dict[int, list[str]]:
        """The names for each share, the first shares first. Raises OSError if all hosts are lost."""
        able = self._able(aside=aside)
        if not able:
            raise OSError(self.lost)
        alive = {number: self._alive(number) for number in able}
        divided: dict[int, list[str]] = {}
        for worker in workers:
            number = min(able, key=lambda each: (alive[each] + 1) / self._shares[each].workers)
            alive[number] += 1
            divided.setdefault(number, []).append(worker)
        return dict(sorted(divided.items()))

    def _alive(self, number: int) -> int:
        return sum(process.pid() is not None for process in self._processes[number])

    def _able(self, *, aside: bool) -> list[int]:
        """The shares that can start workers. Those for checks aside are here, and forks, if there are any."""
        able = [number for number, share in enumerate(self._shares) if not share.transport.lost]
        if not aside:
            return able
        here = [number for number in able if self._shares[number].host == LOCAL]
        clean = [number for number in here if self._shares[number].transport.starts_clean]
        return clean or here or able
