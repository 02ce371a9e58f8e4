"""The machines on which workers live, and what is taken of all of them together."""

from __future__ import annotations

from collections.abc import Iterable
from math import log
from typing import Final

from pytest_parallel_agents.model.hosts import Host
from pytest_parallel_agents.scheduling.states import SPEEDS, HostState

_SHORTEST: Final = 0.001
"""Seconds. Of shorter checks most is not their own time."""


class Hosts:
    """The hosts that are not lost, by name. `cpus` is the number of their CPUs, and `largest` the most that one has.

    `free`, `capable` and `staffed` are the sums of all. They change with each host, so that a decision costs the same
    on a thousand hosts.

    `differ`: their speeds are not the same.
    """

    def __init__(self, hosts: Iterable[Host]) -> None:
        self.live: dict[str, HostState] = {}
        self.cpus = self.largest = 0
        self.free = self.capable = self.staffed = self._light_rooms = 0
        self.differ = False
        self._usual = 0.0
        self._seen = 0
        self._unclaimed: dict[HostState, None] = {}
        self._open: dict[HostState, None] = {}
        for host in hosts:
            self.add(host)

    def add(self, host: Host) -> HostState:
        state = self.live[host.name] = HostState(host)
        self.free += host.cpus
        self._measure()
        self.changed(state)
        return state

    def remove(self, name: str) -> HostState | None:
        """Forgets a lost host: nothing more starts there. None if it is not known."""
        state = self.live.pop(name, None)
        if state is not None:
            state.gone = True
            self.free -= state.free
            self._measure()
            self.changed(state)
        return state

    def shrink(self, host: HostState) -> None:
        """From now on there may be one worker less than there are on this host, and always one."""
        host.size = max(1, host.workers - 1)
        self.changed(host)

    def take(self, host: HostState, claim: int) -> None:
        self.free -= claim
        host.free -= claim
        host.light += claim == 0
        self.changed(host)

    def give_back(self, host: HostState, claim: int) -> None:
        self.free += 0 if host.gone else claim
        host.free += claim
        host.light -= claim == 0
        self.changed(host)

    def learn_speed(self, host: HostState, estimate: float, seconds: float) -> None:
        """Records how long a check took for which there is an estimate. Hosts are compared with each other."""
        if estimate > _SHORTEST and seconds > _SHORTEST:
            ratio = log(estimate / seconds)
            self._seen += 1
            self._usual += (ratio - self._usual) / min(self._seen, SPEEDS * len(self.live))
            host.learn_speed(ratio, self._usual)
            self.differ = self.differ or host.speed != 1.0

    @property
    def power(self) -> float:
        """Seconds of estimated work that all hosts do in one."""
        return sum(host.cpus * host.speed for host in self.live.values())

    def speed_of_next(self) -> float:
        """That of the host on which the next plain check would begin."""
        return max((host.speed for host in self._open), default=1.0) if self.differ else 1.0

    @property
    def has_light_room(self) -> bool:
        """Whether any has."""
        return self._light_rooms > 0

    def most_free(self, *, without: HostState | None = None) -> int:
        """The largest claim that one host could meet now."""
        most = 0
        for host in self._open if self.staffed else self._unclaimed:
            if host is not without:
                most = max(most, host.free)
                if most == self.largest:
                    break
        return most

    def meeting(self, claim: int, *, without: HostState | None = None) -> list[HostState]:
        """The hosts that could start a lane with this claim now, the fastest first and of equal ones that with the most
        free CPUs. One `without` any CPU for others may still start what claims none.
        """
        if claim == 0:
            found = [host for host in self.live.values() if host.staffed]
        else:
            found = [host for host in self._open if claim <= host.free and host is not without]
        return sorted(found, key=_best_first) if len(found) > 1 else found

    def meets(self, host: HostState, claim: int) -> bool:
        """Whether the host has workers and CPUs for this claim."""
        return not (host.gone or host.exhausted) and claim <= host.free

    def changed(self, host: HostState) -> None:
        """To be called when anything of the host has changed: counts it anew."""
        self.capable -= host.capable
        self.staffed -= host.staffed
        self._light_rooms -= host.has_light_room
        _count(host)
        self.capable += host.capable
        self.staffed += host.staffed
        self._light_rooms += host.has_light_room
        if host.gone or not host.free:
            self._unclaimed.pop(host, None)
            self._open.pop(host, None)
            return
        self._unclaimed[host] = None
        if host.staffed:
            self._open[host] = None
        else:
            self._open.pop(host, None)

    def _measure(self) -> None:
        self.cpus = sum(host.cpus for host in self.live.values())
        self.largest = max((host.cpus for host in self.live.values()), default=0)


def _count(host: HostState) -> None:
    """Sets what follows from the rest."""
    if host.gone:
        host.capable = host.staffed = 0
        host.has_light_room = False
        return
    room = host.size - host.workers
    available = len(host.idle) + room if room > 0 else len(host.idle)  # not below 0: one may be about to be lost
    host.capable = min(available, host.free)
    host.staffed = available + len(host.tied)
    host.has_light_room = host.light < host.most_light


def _best_first(host: HostState) -> tuple[float, int, int]:
    return -host.speed, -host.free, host.light
