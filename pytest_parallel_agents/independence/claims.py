"""Which locks each check must hold, so that two checks exclude each other exactly when one writes what the other uses.

A path needs two locks. `path:P` is written by the checks that write P and read by all that use P or anything in it.
`below:P` is read by those that read P and written by those that write anything in it; any number may write that one at
once. So a check holds a few locks for each folder above its paths, however many paths there are below (granularity of
locks: Gray, Lorie, Putzolu and Traiger, 1975). A check that reads a folder and writes within holds `below:` both ways.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.independence.names import Where
from pytest_parallel_agents.independence.resources import Components, Resource, parse, spelled
from pytest_parallel_agents.model.plan import Check, Lock

_BELOW = "below:"


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One lock that a check must hold, and the use it comes from: the name as written, and whether that is written."""

    lock: Lock
    name: str
    writes: bool


Claims = Mapping[int, Sequence[Claim]]
_Uses = tuple[frozenset[str], frozenset[str]]


def claim(
    checks: Iterable[Check], declared: Mapping[str, int], where: Where, *, per_host: Collection[str] = ()
) -> tuple[Claims, list[AgentsError]]:
    """The claims of each check, by its index, and what is wrong with the names of its resources.

    A resource that no check writes, or only one uses, needs no lock and is left out, but for a written one that is
    counted `per_host`: it decides where its check may run. Checks with the same uses share claims.
    """
    users = [check for check in checks if check.reads or check.writes]
    uses: dict[int, _Uses] = {check.index: (check.writes, check.reads) for check in users}
    resources, wrong = _resources(uses.values(), declared)
    mentioned = {resource.path for resource in resources.values() if resource.path is not None}
    claims = {use: list(_claims(use, resources, mentioned)) for use in dict.fromkeys(uses.values())}
    holders = Counter(one.lock for use in uses.values() for one in claims[use])
    contended = _contended(holders) | {lock.name for lock in holders if lock.write and lock.name in per_host}
    needed = {use: [one for one in ones if one.lock.name in contended] for use, ones in claims.items()}
    faults = [
        AgentsError(f"{where(check, _argument(check, name))}: {wrong[name].message}", hint=wrong[name].hint)
        for check in users
        for name in sorted((check.reads | check.writes) & wrong.keys())
    ]
    return {index: needed[use] for index, use in uses.items() if needed[use]}, faults


def _argument(check: Check, name: str) -> str:
    return "writes" if name in check.writes else "reads"


def locks(claims: Claims) -> dict[int, tuple[Lock, ...]]:
    """The claims as the scheduler needs them, sorted. Equal claims make one tuple object."""
    known = {id(ones): ones for ones in claims.values()}
    sorted_locks = {
        key: tuple(sorted((one.lock for one in ones), key=lambda lock: (lock.name, lock.write)))
        for key, ones in known.items()
    }
    return {index: sorted_locks[id(ones)] for index, ones in claims.items()}


def capacities(claims: Claims, declared: Mapping[str, int]) -> dict[str, int]:
    """How many checks may write a lock at once, where it is not one."""
    below = {one.lock.name for ones in claims.values() for one in ones if one.lock.name.startswith(_BELOW)}
    return {name: number for name, number in declared.items() if number != 1} | dict.fromkeys(below, len(claims))


def _resources(
    uses: Iterable[_Uses], declared: Mapping[str, int]
) -> tuple[dict[str, Resource], dict[str, AgentsError]]:
    resources = {}
    wrong = {}
    for name in sorted({name for writes, reads in uses for name in writes | reads}):
        try:
            resources[name] = parse(name, declared)
        except AgentsError as error:
            wrong[name] = error
    return resources, wrong


def _claims(uses: _Uses, resources: Mapping[str, Resource], mentioned: set[Components]) -> Iterator[Claim]:
    """Writes first, each lock at most once for writing and once for reading."""
    seen = set()
    for writes, names in zip((True, False), uses, strict=True):
        for name in sorted(names & resources.keys()):
            for lock in _locks(resources[name], mentioned, writes=writes):
                if lock not in seen:
                    seen.add(lock)
                    yield Claim(lock=lock, name=name, writes=writes)


def _locks(resource: Resource, mentioned: set[Components], *, writes: bool) -> Iterator[Lock]:
    yield Lock(resource.lock, writes)
    if resource.path is None:
        return
    if not writes:
        yield Lock(_BELOW + spelled(resource.path), write=False)
    for depth in range(len(resource.path)):
        folder = resource.path[:depth]
        if folder in mentioned:
            yield Lock("path:" + spelled(folder), write=False)
            if writes:
                yield Lock(_BELOW + spelled(folder), write=True)


def _contended(holders: Counter[Lock]) -> set[str]:
    """The locks that one check writes while another, or for `below:` a reader, might need them."""
    found = set()
    for lock in holders:
        if lock.write:
            readers = holders[Lock(lock.name, write=False)]
            if readers or (holders[lock] > 1 and not lock.name.startswith(_BELOW)):
                found.add(lock.name)
    return found
