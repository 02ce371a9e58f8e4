"""The gate: from checks to a plan, or to all faults in what the user wrote."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec.structs import replace

from pytest_parallel_agents.errors import UsageFaults
from pytest_parallel_agents.independence.claims import capacities, claim, locks
from pytest_parallel_agents.independence.conflicts import by_fixture, by_order, by_resource
from pytest_parallel_agents.independence.lanes import lanes
from pytest_parallel_agents.independence.names import Names, Where
from pytest_parallel_agents.independence.order import Known, resolve
from pytest_parallel_agents.independence.sequence import across_lanes, positions
from pytest_parallel_agents.model.plan import Action, Check, Plan, Policy


def verify(
    checks: Sequence[Check],
    *,
    resources: Mapping[str, int],
    per_host: Collection[str] = (),
    policy: Policy,
    known: Known,
    where: Where,
) -> Plan:
    """The plan for `checks`, which come in collection order.

    `resources` holds the declared plain names, each with how many may write it at once; on each host, if it is
    `per_host`. Conflicts are in the plan, each with its action under `policy`; the caller refuses. Raises UsageFaults
    with every unknown name, undeclared resource and cycle; `where` names their places.
    """
    names = Names(checks if any(check.after for check in checks) else ())
    claims, wrong_resources = claim(checks, resources, where, per_host=per_host)
    waits, wrong_names = resolve(checks, names, known, where)
    position, cycles = positions(checks, waits)
    if faults := [*wrong_resources, *wrong_names, *cycles]:
        raise UsageFaults(faults)
    limits = capacities(claims, resources)
    together = lanes(checks, position)
    found = (
        *by_fixture(checks),
        *by_resource(checks, claims, limits, per_host),
        *by_order(checks, names),
    )
    action = Action.REFUSED if policy is Policy.STRICT else Action.SERIALIZED
    return Plan(
        checks={check.index: check for check in checks},
        lanes=together,
        locks=locks(claims),
        predecessors=across_lanes(waits, together),
        capacities=limits,
        per_host=frozenset(per_host),
        conflicts=tuple(replace(one, action=action) for one in found),
    )
