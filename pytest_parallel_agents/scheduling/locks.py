"""Locks: which are held, and which lanes wait for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from heapq import heappop, heappush

from pytest_parallel_agents.model import Lock
from pytest_parallel_agents.scheduling.lane import Lane
from pytest_parallel_agents.scheduling.ready import Entry

Wanted = Sequence[Lock]


class Locks:
    """Readers share a lock; writers exclude readers, and each other beyond the lock's capacity.

    A check takes all its locks or none, so none is held while its holder waits. Each lock keeps its waiting lanes in
    two lines, readers and writers, and lets out only the first of a line at a time: when that takes the lock, or
    cannot, `wake` lets out the next. So a lock that thousands wait for costs no more than one that few wait for.

    One lane may reserve locks: they admit no other use that its own would exclude.
    """

    def __init__(self, capacities: Mapping[str, int]) -> None:
        self._capacities = capacities
        self._states: dict[str, _State] = {}

    def blocker(self, wanted: Wanted, *, reserver: bool = False) -> Lock | None:
        """The first of the locks that cannot be acquired now. Reservations do not hold up the `reserver`."""
        for lock in wanted:
            state = self._state(lock.name)
            if not (state.admits(lock.write) and (reserver or state.unreserved(lock.write))):
                return lock
        return None

    def acquire(self, wanted: Wanted) -> None:
        for lock in wanted:
            self._state(lock.name).count(1, lock.write)

    def release(self, wanted: Wanted) -> None:
        for lock in wanted:
            self._state(lock.name).count(-1, lock.write)

    def reserve(self, wanted: Wanted) -> None:
        for lock in wanted:
            state = self._state(lock.name)
            state.reserved = lock.write or bool(state.reserved)

    def unreserve(self, wanted: Wanted) -> None:
        for lock in wanted:
            self._state(lock.name).reserved = None

    def park(self, entry: Entry, lock: Lock) -> None:
        heappush(self._state(lock.name).line(lock.write), entry)

    def wake(self, name: str) -> Iterator[Lane]:
        """Lets out the first reader and the first writer that the lock would admit now."""
        state = self._state(name)
        for write in (False, True):
            line = state.line(write)
            if line and state.admits(write) and state.unreserved(write):
                lane = heappop(line)[-1]
                lane.woken_by = name
                yield lane

    def first_excluded(self, lock: Lock) -> Entry | None:
        """The first lane that this use of the lock excludes: a writer for a read, a reader for a write."""
        line = self._state(lock.name).line(not lock.write)
        return line[0] if line else None

    def remove_excluded(self, lock: Lock) -> None:
        """Removes the entry that `first_excluded` returned."""
        heappop(self._state(lock.name).line(not lock.write))

    def _state(self, name: str) -> _State:
        state = self._states.get(name)
        if state is None:
            state = self._states[name] = _State(self._capacities.get(name, 1))
        return state


class _State:
    """One lock. `reserved` is the reserver's use: None, False to read, True to write."""

    __slots__ = ("capacity", "readers", "reading", "reserved", "writers", "writing")

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.readers = 0
        self.writers = 0
        self.reading: list[Entry] = []
        self.writing: list[Entry] = []
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

    def line(self, write: bool) -> list[Entry]:  # noqa: FBT001
        return self.writing if write else self.reading
