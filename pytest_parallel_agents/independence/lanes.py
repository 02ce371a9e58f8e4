"""Which checks must run in order on one worker."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pytest_parallel_agents.model.plan import Check, SharedFixture

Lanes = tuple[tuple[int, ...], ...]


def lanes(checks: Sequence[Check], position: Mapping[int, int]) -> Lanes:
    """Every check index in one lane. Within and among lanes they stand by `position`, one order of all checks.

    Since every lane follows the same order as the predecessors do, lanes and predecessors cannot wait in a circle.
    """
    forest = _Forest(check.index for check in checks)
    for members in _shared(checks):
        for member in members[1:]:
            forest.join(members[0], member)
    groups: dict[int, list[int]] = defaultdict(list)
    for index in sorted(position, key=position.__getitem__):
        groups[forest.root(index)].append(index)
    return tuple(map(tuple, groups.values()))


def fixture_users(checks: Iterable[Check]) -> dict[str, list[tuple[Check, SharedFixture]]]:
    """Which checks use which instance of a wide fixture that may exist only once, by the instance's key."""
    users: dict[str, list[tuple[Check, SharedFixture]]] = defaultdict(list)
    for check in checks:
        for fixture in check.fixtures:
            if not fixture.replicable:
                users[fixture.key].append((check, fixture))
    return users


def together(checks: Iterable[Check]) -> dict[str, list[Check]]:
    """Checks that other plugins' marks put on one worker, by the reason."""
    members: dict[str, list[Check]] = defaultdict(list)
    for check in checks:
        for key in check.together:
            members[key].append(check)
    return members


def _shared(checks: Sequence[Check]) -> Iterator[list[int]]:
    for users in fixture_users(checks).values():
        yield [check.index for check, _ in users]
    for members in together(checks).values():
        yield [check.index for check in members]


class _Forest:
    """Disjoint sets with path halving: joins and look-ups in nearly constant time (Tarjan and van Leeuwen, 1984)."""

    def __init__(self, members: Iterable[int]) -> None:
        self._parent = {member: member for member in members}

    def root(self, member: int) -> int:
        parent = self._parent
        while parent[member] != member:
            parent[member] = parent[parent[member]]
            member = parent[member]
        return member

    def join(self, left: int, right: int) -> None:
        self._parent[self.root(right)] = self.root(left)
