"""The text of `--agents-plan`: what would run together, what is kept apart and why, and how long it would take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pytest_parallel_agents.independence.lanes import fixture_users, together
from pytest_parallel_agents.model import Check, Conflict, Group, Plan
from pytest_parallel_agents.printable import escape
from pytest_parallel_agents.reports.text import counted, seconds

MOST_LANES = 30
MOST_IN_LANE = 5
MOST_CONFLICTS = 20
MOST_NAMES = 2
_MEMBER_INDENT = " " * 6
_NO_GROUPS: Mapping[Group, float] = {}


def describe_plan(
    plan: Plan,
    estimates: Mapping[int, float],
    predicted_makespan: float,
    lower_bound: float,
    workers: int,
    *,
    groups: Mapping[Group, float] = _NO_GROUPS,
) -> list[str]:
    """Lines of plain text. `estimates`: seconds by check index; a check without one counts as nothing.

    `groups`: seconds until each is met.
    """
    head = (
        f"{counted(len(plan.checks), 'check')} in {counted(len(plan.lanes), 'lane')} for {counted(workers, 'worker')}"
    )
    return [
        head,
        *_section("lanes, longest first", _lanes(plan, estimates)),
        *_section("groups", (_group(group, time) for group, time in groups.items())),
        *_section("conflicts", _conflicts(plan.conflicts)),
        "",
        _prediction(predicted_makespan, lower_bound),
    ]


def _section(title: str, lines: Iterable[str]) -> list[str]:
    indented = [f"  {line}" for line in lines]
    return ["", title, *indented] if indented else []


def _lanes(plan: Plan, estimates: Mapping[int, float]) -> list[str]:
    """One entry per lane, but plain tests that could run anywhere are counted per file."""
    crowd = [lane[0] for lane in plan.lanes if len(lane) == 1 and _is_plain(plan, lane[0])]
    crowded = set(crowd)
    own = [lane for lane in plan.lanes if lane[0] not in crowded]
    entries = [(_total(lane, estimates), _lane(plan, lane, estimates)) for lane in own]
    entries += _per_file(plan, crowd, estimates)
    entries.sort(key=lambda entry: (-entry[0], entry[1]))
    lines = [line for _, entry in entries[:MOST_LANES] for line in entry]
    return lines + _rest(len(entries) - MOST_LANES)


def _group(group: Group, time: float) -> str:
    return escape(f"{_column(time)}  {group.name} (wait {group.wait} of {counted(len(group.members), 'check')})")


def _is_plain(plan: Plan, index: int) -> bool:
    return not plan.checks[index].marked and not _traits(plan, plan.checks[index])


def _total(indices: Iterable[int], estimates: Mapping[int, float]) -> float:
    return sum(estimates.get(index, 0.0) for index in indices)


def _lane(plan: Plan, lane: Sequence[int], estimates: Mapping[int, float]) -> list[str]:
    members = [_member(plan, index, estimates) for index in lane[:MOST_IN_LANE]]
    if len(lane) == 1:
        return members
    title = f"{_column(_total(lane, estimates))}  lane of {len(lane)}: {_why_together(plan, lane)}"
    return [title, *(_MEMBER_INDENT + line for line in members + _rest(len(lane) - MOST_IN_LANE))]


def _member(plan: Plan, index: int, estimates: Mapping[int, float]) -> str:
    check = plan.checks[index]
    traits = _traits(plan, check)
    suffix = f"  ({'; '.join(traits)})" if traits else ""
    return escape(f"{_column(estimates.get(index, 0.0))}  {check.kind:7}  {check.nodeid}{suffix}")


def _column(value: float) -> str:
    return f"{seconds(value):>8}"


def _traits(plan: Plan, check: Check) -> list[str]:
    """What keeps a check from running anywhere at any time, in the words of its mark."""
    before = [plan.checks[index].nodeid for index in plan.predecessors.get(check.index, ())]
    traits = {
        "alone": check.alone,
        f"{check.cpus} CPUs": check.cpus != 1,
        f"reads {_listed(sorted(check.reads))}": check.reads,
        f"writes {_listed(sorted(check.writes))}": check.writes,
        f"after {_listed(before)}": before,
    }
    return [trait for trait, holds in traits.items() if holds]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST_NAMES]) + (f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else "")


def _why_together(plan: Plan, lane: Sequence[int]) -> str:
    """What the lane's checks have in common: fixtures and other plugins' marks, or else an order."""
    checks = [plan.checks[index] for index in lane]
    uses = [users for users in fixture_users(checks).values() if len(users) > 1]
    shared = [f"{fixture.name} ({fixture.scope})" for (_, fixture), *_ in uses]
    shared += [key for key, members in together(checks).items() if len(members) > 1]
    return escape(f"share {_listed(shared)}") if shared else "in this order"


def _per_file(plan: Plan, crowd: Iterable[int], estimates: Mapping[int, float]) -> Iterator[tuple[float, list[str]]]:
    by_file: dict[str, list[int]] = {}
    for index in crowd:
        by_file.setdefault(plan.checks[index].nodeid.partition("::")[0], []).append(index)
    for path, indices in by_file.items():
        total = _total(indices, estimates)
        kinds = "/".join(sorted({plan.checks[index].kind for index in indices}))
        yield (
            total,
            [
                escape(
                    f"{_column(total)}  {kinds:7}  {path}: {counted(len(indices), 'check')} with no declared conflict"
                )
            ],
        )


def _conflicts(conflicts: Sequence[Conflict]) -> list[str]:
    lines = [line for conflict in conflicts[:MOST_CONFLICTS] for line in _conflict(conflict)]
    return lines + _rest(len(conflicts) - MOST_CONFLICTS)


def _conflict(conflict: Conflict) -> list[str]:
    told = [escape(f"{conflict.left} and {conflict.right}: {conflict.reason} ({conflict.action})")]
    return [*told, escape(f"  to resolve: {conflict.remedy}")] if conflict.remedy else told


def _rest(number: int) -> list[str]:
    return [f"... and {number} more"] if number > 0 else []


def _prediction(makespan: float, bound: float) -> str:
    share = f" ({bound / makespan:.0%} of it)" if makespan > 0 else ""
    return f"predicted makespan {seconds(makespan)}; lower bound {seconds(bound)}{share}"
