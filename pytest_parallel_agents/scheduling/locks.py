"""Locks: which are held, and which lanes wait for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from heapq import heappop, heappush

from pytest_parallel_agents.model.plan import Lock
from pytest_parallel_agents.scheduling.ready import Entry
from pytest_parallel_agents.scheduling.states import HostState, Lane

Wanted = Sequence[Lock]


class Locks:
    """Readers share a lock; writers exclude readers, and each other beyond the lock's capacity. Those `per_host` are
    held on one host, whatever the uses on others.

    A check takes all its locks or none, so none is held while its holder waits. Each lock keeps its waiting lanes in
    two lines, readers and writers, and lets out only the first of a line at a time: when that takes the lock, or
    cannot, `wake` lets out the next. So a lock that thousands wait for costs no more than one that few wait for.

    One lane may reserve locks: they admit no other use that its own would exclude.
    """

    def __init__(self, capacities: Mapping[str, int], per_host: Collection[str]) -> None:
        self._capacities = capacities
        self._per_host = dict.fromkeys(sorted(per_host))
        self._states: dict[tuple[str, HostState | None], _State] = {}
        self._lines: dict[str, tuple[list[Entry], list[Entry]]] = {}

    def is_per_host(self, lock: Lock) -> bool:
        return lock.name in self._per_host

    def blocker(self, wanted: Wanted, host: HostState, *, reserver: bool = False) -> Lock | None:
        """The first of the locks that cannot be acquired on the host now. Reservations do not hold up the
        `reserver`.
        """
        for lock in wanted:
            state = self._state(lock.name, host)
            if not (state.admits(lock.write) and (reserver or state.unreserved(lock.write))):
                return lock
        return None

    def acquire(self, wanted: Wanted, host: HostState) -> None:
        for lock in wanted:
            self._state(lock.name, host).count(1, lock.write)

    def release(self, wanted: Wanted, host: HostState) -> None:
        for lock in wanted:
            self._state(lock.name, host).count(-1, lock.write)

    def reserve(self, wanted: Wanted, host: HostState) -> None:
        for lock in wanted:
            state = self._state(lock.name, host)
            state.reserved = lock.write or bool(state.reserved)

    def unreserve(self, wanted: Wanted, host: HostState) -> None:
        for lock in wanted:
            self._state(lock.name, host).reserved = None

    def park(self, entry: Entry, lock: Lock) -> None:
        heappush(self._line(lock.name, lock.write), entry)

    def wake(self, name: str, host: HostState) -> list[Lane]:
        """Lets out the first reader and the first writer that the lock would admit on this host now."""
        woken = []
        state = self._state(name, host)
        for write in (False, True):
            line = self._line(name, write)
            if line and state.admits(write) and state.unreserved(write):
                lane = heappop(line)[-1]
                lane.woken_by = name, host
                woken.append(lane)
        return woken

    def are_of_turn(self, taken: Wanted, host: HostState, turn: tuple[str, HostState]) -> bool:
        """Whether the lock that woke a lane is among these, on the same host if that counts."""
        name, there = turn
        return (host is there or name not in self._per_host) and any(lock.name == name for lock in taken)

    def waited_for(self) -> list[str]:
        """The locks per host that lanes wait for."""
        return [name for name in self._per_host if any(self._lines.get(name, ()))]

    def first_excluded(self, lock: Lock) -> Entry | None:
        """The first lane that this use of the lock excludes: a writer for a read, a reader for a write."""
        line = self._line(lock.name, not lock.write)
        return line[0] if line else None

    def remove_excluded(self, lock: Lock) -> None:
        """Removes the entry that `first_excluded` returned."""
        heappop(self._line(lock.name, not lock.write))

    def _line(self, name: str, write: bool) -> list[Entry]:  # noqa: FBT001
        lines = self._lines.get(name)
        if lines is None:
            lines = self._lines[name] = [], []
        return lines[write]

    def _state(self, name: str, host: HostState) -> _State:
        key = name, host if name in self._per_host else None
        state = self._states.get(key)
        if state is None:
            capacity = self._capacities.get(name, 1)
            state = self._states[key] = _State(capacity if key[1] is None else host.capacities.get(name, capacity))
        return state


class _State:
    """One lock. `reserved` is the reserver's use: None, False to read, True to write."""

    __slots__ = ("capacity", "readers", "reserved", "writers")

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.readers = 0
        self.writers = 0
        self.reserved: bool | None = None

    def admits(self, write: bool) -> bool:  # noqa: FBT001
        if write:
            return self.readers == 0 and self.writers < self.capacity
        return self.writers == 0

    def unreserved(self, write: bool) -> bool:  # noqa: FBT001
        return self.reserved is None or not (write or self.reserved)

    def count(self, change: int, write: bool) -> None:  # noqa: FBT001
        if write:
            self.writers += change
        else:
            self.readers += change
