"""The fixture `profile`: measured blocks of one item. Imported when the first check asks for it."""

from __future__ import annotations

import pytest

from pytest_parallel_agents.agents.evidence import record_measurement, record_note
from pytest_parallel_agents.agents.profile import SETTLE
from pytest_parallel_agents.early_bound import builtins
from pytest_parallel_agents.marks import agent_mark
from pytest_parallel_agents.profiling.counting import Count, warm_up
from pytest_parallel_agents.profiling.flamegraphs import SAMPLING
from pytest_parallel_agents.profiling.profiler import Meter, Profiler

__builtins__ = builtins


def profiler_of(item: pytest.Item) -> Profiler:
    """The value of the fixture `profile` for the item."""
    sampling = item.stash.get(SAMPLING, None)

    settle = item.config.stash.get(SETTLE, None)

    def meter(name: str, memory: bool) -> Meter:  # noqa: FBT001 - the signature that the profiler calls
        if settle:
            settle()
        if sampling:
            return sampling.sample(name)
        warm_up()
        return Count(name=name, root=item.config.rootpath, memory=memory)

    return Profiler(
        name=item.name,
        meter=meter,
        record=lambda measured: record_measurement(item, measured),
        note=lambda text: record_note(item, text),
        alone=agent_mark(item).alone,
    )
