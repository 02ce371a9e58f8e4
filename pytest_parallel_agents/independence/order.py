"""The checks that each check waits for: those that `after` names, and those of earlier stages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import msgspec

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.independence.names import Names, Where, without_parameters
from pytest_parallel_agents.model.plan import Check

Waits = Mapping[int, tuple[int, ...]]
"""By check index. Checks that wait for the same others share one tuple object, so that their number costs nothing."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Names that exist although no check has them: those of deselected checks and of registered kinds. `groups` are
    those with the number of their members.

    `complete` is False when only a part was collected; then a name that no check has may exist elsewhere.
    """

    nodeids: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    groups: Counter[str] = msgspec.field(default_factory=Counter)
    complete: bool = True

    def __or__(self, other: Known) -> Known:
        """What one of them knows; of the same run, which is complete for both or none."""
        return Known(
            nodeids=self.nodeids | other.nodeids,
            names=self.names | other.names,
            kinds=self.kinds | other.kinds,
            groups=self.groups | other.groups,
            complete=self.complete,
        )

    def names_for_after(self) -> frozenset[str]:
        """Every name that `after` may use, those without parameters too."""
        exact = self.nodeids | self.names
        return exact | self.kinds | {without_parameters(name) for name in exact}


def resolve(checks: Sequence[Check], names: Names, known: Known, where: Where) -> tuple[Waits, list[AgentsError]]:
    """The checks that each check waits for, and a fault for each entry of `after` that names nothing, with the nearest
    names.
    """
    stages = stages_before(checks)
    shared: dict[tuple[object, ...], tuple[int, ...]] = {}
    waits = {}
    for check in checks:
        if check.after or check.stages:
            key = (check.after, check.stages, check.index if check.kind in check.after else None)
            if key not in shared:
                shared[key] = tuple(dict.fromkeys(_waits(check, names, stages)))
            waits[check.index] = shared[key]
    return {index: wait for index, wait in waits.items() if wait}, list(_unknown(checks, names, known, where))


def stages_before(checks: Iterable[Check]) -> dict[tuple[str, int], tuple[int, ...]]:
    """For each key and stage the members of the nearest stage before it that has any."""
    members: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for check in checks:
        for key, stage in check.stages:
            members[key][stage].append(check.index)
    before = {}
    for key, stages in members.items():
        reached = sorted(stages)
        for earlier, later in pairwise(reached):
            before[key, later] = tuple(stages[earlier])
    return before


def _waits(check: Check, names: Names, stages: Mapping[tuple[str, int], tuple[int, ...]]) -> Iterator[int]:
    for name in check.after:
        yield from names.find(name, check)
    for stage in check.stages:
        yield from stages.get(stage, ())


def _unknown(checks: Iterable[Check], names: Names, known: Known, where: Where) -> Iterator[AgentsError]:
    if not known.complete:
        return
    others = known.names_for_after()
    hints: dict[str, str] = {}
    for check in checks:
        for name in check.after:
            if name in others or name == check.kind or names.find(name, check):
                continue
            if name not in hints:
                hints[name] = _hint(names.nearest(name, others))
            yield AgentsError(f"{where(check, 'after')}: {name!r} names no check and no kind", hint=hints[name])


def _hint(nearest: Iterable[str]) -> str:
    similar = " or ".join(map(repr, nearest))
    return f"did you mean {similar}?" if similar else "write a node id, the name of a check, or a kind"
