"""The groups of a run, and those that can never be decided."""

from __future__ import annotations

from collections import Counter

import pytest

from pytest_parallel_agents.collection.groups import collect_groups
from pytest_parallel_agents.independence.order import Known
from pytest_parallel_agents.model.plan import Check, Policy
from pytest_parallel_agents.options import Options, Unmarked

TWO_OF_THREE = Options(
    workers=1,
    specs=(),
    plan_only=False,
    policy=Policy.SERIALIZE,
    unmarked=Unmarked.PARALLEL,
    groups={"solvers": 2, "panel": None},
    panels={"panel": 2},
    where="p",
)


def collected(known: Known, *names: str) -> tuple[dict[str, int | None], list[str]]:
    """How many members each group needs when one check of each name is selected, and the faults."""
    checks = [
        Check(index=index, nodeid=f"t::{index}", name=f"{index}", kind="test", group=name)
        for index, name in enumerate(names)
    ]
    groups, faults = collect_groups(checks, TWO_OF_THREE, known)
    return {group.name: group.needed for group in groups}, list(map(str, faults))


@pytest.mark.parametrize(
    "known",
    [
        Known(groups=Counter({"solvers": 3, "panel": 2})),  # the others are deselected
        Known(groups=Counter({"solvers": 1}), complete=False),  # the others were not collected
    ],
)
def test_a_group_of_which_too_few_are_selected_waits_for_all_of_these(known: Known) -> None:
    assert collected(known, "solvers") == ({"solvers": None}, [])
    assert collected(known, "solvers", "solvers") == ({"solvers": 2}, [])
    assert collected(known, "panel") == ({"panel": None}, [])


def test_a_group_that_can_never_be_decided_is_a_fault() -> None:
    _, faults = collected(Known(groups=Counter({"solvers": 1, "panel": 1})), "solvers", "panel")
    assert faults == [
        "group 'solvers' waits for 2 of its checks to pass, but has 1 check (lower p.groups.solvers.wait)",
        "p.groups.panel.agree is 2, and its members are 1 (write a smaller number)",
    ]
    _, faults = collected(Known(groups=Counter({"panels": 2})))
    assert faults == [
        'p.groups.panel is a group that no check is in (did you mean "panels"?)',
        "p.groups.solvers is a group that no check is in (valid: panels)",
    ]
