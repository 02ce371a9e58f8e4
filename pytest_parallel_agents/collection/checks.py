"""Pytest's items become checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import pytest

from pytest_parallel_agents.collection.fixtures import WideFixtures
from pytest_parallel_agents.collection.ordering import Requirement, requirements
from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.limits import Limits
from pytest_parallel_agents.marks import agent_mark, parse_mark
from pytest_parallel_agents.model.plan import Check
from pytest_parallel_agents.options import Options, Unmarked


class Collected(msgspec.Struct, frozen=True):
    """All checks by their place in `session.items`, and those that wait until the others are done.

    `gates`: node ids of those that judge the results of the others.
    """

    checks: tuple[Check, ...]
    closing: frozenset[int]
    gates: frozenset[str] = frozenset()

    @property
    def parallel(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.index not in self.closing)


def collect_checks(
    items: Sequence[pytest.Item], options: Options, kinds: Iterable[str]
) -> tuple[Collected, tuple[AgentsError, ...]]:
    """One check per item, and every fault of their marks; faulty arguments count as absent."""
    kinds = frozenset(kinds)
    faults = tuple(fault for item in items if agent_mark(item).marked for fault in parse_mark(item, kinds)[1])
    wide = WideFixtures(options.replicate)
    required = requirements(items, options.dist)
    checks = tuple(_check(index, item, wide, required.get(item), options.limits) for index, item in enumerate(items))
    closing = frozenset(check.index for check in checks if _is_closing(items[check.index], check, options))
    gates = frozenset(item.nodeid for item in items if _is_gate(item))
    return Collected(checks, closing, gates), faults


def drop_unmarked(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`unmarked = "skip"`: deselects items without a mark."""
    dropped = [item for item in items if not agent_mark(item).marked]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if agent_mark(item).marked]


def _check(index: int, item: pytest.Item, wide: WideFixtures, required: Requirement | None, limits: Limits) -> Check:
    mark = agent_mark(item)
    return Check(
        index=index,
        nodeid=item.nodeid,
        kind=mark.kind,
        name=item.name,
        marked=mark.marked,
        reads=mark.reads,
        writes=mark.writes,
        after=mark.after,
        cpus=mark.cpus,
        timeout=limits.of(mark.kind, mark.timeout),
        group=mark.group,
        alone=mark.alone,
        retries=mark.retries,
        fixtures=wide.of(item, marked=mark.marked),
        together=tuple(required.together) if required else (),
        stages=tuple(required.stages) if required else (),
    )


def _is_closing(item: pytest.Item, check: Check, options: Options) -> bool:
    """Whether a check reads the results of all others, or is to run as it would without the plugin."""
    waits = not check.marked and options.unmarked is Unmarked.AFTER
    return waits or _is_gate(item)


def _is_gate(item: pytest.Item) -> bool:
    return "convergence" in getattr(item, "fixturenames", ())
