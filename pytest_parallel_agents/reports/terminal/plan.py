"""The text of `--agents-plan`: the checks that would run together, those kept apart and why, and the predicted time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from pytest_parallel_agents.independence.lanes import fixture_users, together
from pytest_parallel_agents.model.plan import Action, Check, Conflict, Group, Plan
from pytest_parallel_agents.printable import escape
from pytest_parallel_agents.reports.phrases import counted, seconds

MOST_LANES = 30
MOST_IN_LANE = 5
MOST_CONFLICTS = 20
MOST_NAMES = 2
NEAR: Final = 0.95
"""Where a prediction is this near to the lower bound, another order would gain nothing."""

_ACTIONS: Final = {Action.SERIALIZED: "kept apart in time", Action.REFUSED: "refused", Action.REPORTED: "reported"}
_MEMBER_INDENT = " " * 6
_NO_GROUPS: Mapping[Group, float] = {}


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """The plan's time in seconds: `predicted` by the simulator, and the lower `bound` that no order can beat.

    `guessed`: the number of checks not measured yet, which count as `guess` seconds each. `after`: the number of checks
    that run after the plan, one after another. `stranded`: the number of checks that no host has the resources for.
    """

    predicted: float
    bound: float
    guessed: int = 0
    guess: float = 0.0
    after: int = 0
    stranded: int = 0


def describe_plan(
    plan: Plan,
    estimates: Mapping[int, float],
    prediction: Prediction,
    workers: int,
    *,
    groups: Mapping[Group, float] = _NO_GROUPS,
) -> list[str]:
    """Lines of plain text. `estimates`: seconds by check index; a check without one counts as nothing.

    `groups`: seconds until each is met.
    """
    return [
        f"{counted(len(plan.checks), 'check')} for {counted(workers, 'worker')}",
        *_section("what runs, longest first", _lanes(plan, estimates)),
        *_after(prediction.after),
        *_section("groups", (_group(group, time) for group, time in groups.items())),
        *_section("conflicts", _conflicts(plan.conflicts)),
        "",
        *_prediction(prediction, len(plan.checks)),
    ]


def _after(number: int) -> list[str]:
    return ["", f"then {counted(number, 'check')}, one after another"] if number else []


def _section(title: str, lines: Iterable[str]) -> list[str]:
    indented = [f"  {line}" for line in lines]
    return ["", title, *indented] if indented else []


def _lanes(plan: Plan, estimates: Mapping[int, float]) -> list[str]:
    """One entry per lane, but plain tests that could run anywhere are counted per file."""
    anywhere = [lane[0] for lane in plan.lanes if len(lane) == 1 and _is_plain(plan, lane[0])]
    counted_by_file = set(anywhere)
    own = [lane for lane in plan.lanes if lane[0] not in counted_by_file]
    entries = [(_total(lane, estimates), _lane(plan, lane, estimates)) for lane in own]
    entries += _per_file(plan, anywhere, estimates)
    entries.sort(key=lambda entry: (-entry[0], entry[1]))
    lines = [line for _, entry in entries[:MOST_LANES] for line in entry]
    return lines + _rest(len(entries) - MOST_LANES)


def _group(group: Group, time: float) -> str:
    how = group.wait if group.agree is not None else f"wait {group.wait}"
    return escape(f"{_column(time)}  {group.name} ({how} of {counted(len(group.members), 'check')})")


def _is_plain(plan: Plan, index: int) -> bool:
    return not plan.checks[index].marked and not _traits(plan, plan.checks[index])


def _total(indices: Iterable[int], estimates: Mapping[int, float]) -> float:
    return sum(estimates.get(index, 0.0) for index in indices)


def _lane(plan: Plan, lane: Sequence[int], estimates: Mapping[int, float]) -> list[str]:
    members = [_member(plan, index, estimates) for index in lane[:MOST_IN_LANE]]
    if len(lane) == 1:
        return members
    number = counted(len(lane), "check")
    title = f"{_column(_total(lane, estimates))}  {number} in this order on one worker{_why_together(plan, lane)}"
    return [title, *(_MEMBER_INDENT + line for line in members + _rest(len(lane) - MOST_IN_LANE))]


def _member(plan: Plan, index: int, estimates: Mapping[int, float]) -> str:
    check = plan.checks[index]
    traits = _traits(plan, check)
    suffix = f"  ({'; '.join(traits)})" if traits else ""
    return escape(f"{_column(estimates.get(index, 0.0))}  {check.kind:7}  {check.nodeid}{suffix}")


def _column(value: float) -> str:
    return f"{seconds(value):>8}"


def _traits(plan: Plan, check: Check) -> list[str]:
    """The restrictions of a check, in the words of its mark."""
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
    """The fixtures and other plugins' marks that a lane's checks share. Without any it is the order alone."""
    checks = [plan.checks[index] for index in lane]
    uses = [users for users in fixture_users(checks).values() if len(users) > 1]
    shared = [f"{fixture.name} ({fixture.scope})" for (_, fixture), *_ in uses]
    shared += [key for key, members in together(checks).items() if len(members) > 1]
    return escape(f": they share {_listed(shared)}") if shared else ""


def _per_file(plan: Plan, anywhere: Iterable[int], estimates: Mapping[int, float]) -> Iterator[tuple[float, list[str]]]:
    by_file: dict[str, list[int]] = {}
    for index in anywhere:
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
    line = escape(f"{conflict.left} and {conflict.right}: {conflict.reason} ({_ACTIONS[conflict.action]})")
    return [line, escape(f"  to resolve: {conflict.remedy}")] if conflict.remedy else [line]


def _rest(number: int) -> list[str]:
    return [f"... and {number} more"] if number > 0 else []


def _prediction(prediction: Prediction, checks: int) -> Iterator[str]:
    later = f", and then {counted(prediction.after, 'check')}" if prediction.after else ""
    room = prediction.bound < NEAR * prediction.predicted
    bound = f"; no order takes less than {seconds(prediction.bound)}" if room else ""
    yield f"predicted: {seconds(prediction.predicted)}{later}{bound}"
    if prediction.stranded:
        yield f"never started: {counted(prediction.stranded, 'check')}, whose resources no host has"
    if prediction.guessed:
        some = f"{prediction.guessed:,} of {counted(checks, 'check')}" if prediction.guessed < checks else "all checks"
        yield f"not measured yet: {some}, which count as {seconds(prediction.guess)} each"
