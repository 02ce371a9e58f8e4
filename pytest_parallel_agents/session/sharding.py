"""Leaves out what other machines run: `--agents-shard`."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from statistics import median
from typing import Final

import pytest

from pytest_parallel_agents.collection.checks import Collected
from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.model.plan import Plan
from pytest_parallel_agents.options import DIVISION, Options
from pytest_parallel_agents.scheduling.shards import divide
from pytest_parallel_agents.session.planning import PlannedRun, known_durations, known_names
from pytest_parallel_agents.shard import Shard
from pytest_parallel_agents.wire.remarks import remark

NOTHING_KNOWN_SECONDS: Final = 1.0


class Sharding:
    """Deselects the items of other shards, when all other plugins have selected and ordered theirs."""

    def __init__(self, options: Options, shard: Shard, kinds: Iterable[str]) -> None:
        self._options = options
        self._shard = shard
        self._kinds = list(kinds)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
    ) -> Generator[None]:
        yield
        try:
            chosen = self._choose(session, items)
        except AgentsError as error:
            raise pytest.UsageError(*error.lines) from None
        left_out = [item for index, item in enumerate(items) if index not in chosen]
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            items[:] = [item for index, item in enumerate(items) if index in chosen]

    def _choose(self, session: pytest.Session, items: list[pytest.Item]) -> frozenset[int]:
        """Indices of the items of this shard. Raises UsageFaults with all faults of marks and groups."""
        known = known_names(items, self._options, self._kinds, complete=False)
        planned = PlannedRun(session, self._options, self._kinds, known)
        durations = known_durations(self._options, planned.seconds)
        known_here = [durations[item.nodeid] for item in items if item.nodeid in durations]
        usual = median(known_here) if known_here else NOTHING_KNOWN_SECONDS
        seconds = {index: durations.get(item.nodeid, usual) for index, item in enumerate(items)}
        division = divide(_whole(planned.plan, planned.collected), planned.groups, seconds, self._shard.total)
        session.config.stash[DIVISION] = division.digest
        chosen = frozenset(division.shards[self._shard.number - 1])
        gates = sorted(planned.collected.gates & {items[index].nodeid for index in chosen})
        remark(session.config, [f"{gate} judges the checks of shard {self._shard}, and no others" for gate in gates])
        return chosen


def _whole(plan: Plan, collected: Collected) -> Plan:
    """The plan with the checks that wait for all others."""
    closing = sorted(collected.closing)
    return Plan(
        checks={check.index: check for check in collected.checks},
        lanes=(*plan.lanes, *((index,) for index in closing)),
        locks=plan.locks,
        predecessors=plan.predecessors,
    )
