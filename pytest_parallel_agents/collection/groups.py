"""Which checks a sync strategy decides together: those of one `group`, and with `--agents-wait` all of the run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.independence.order import Known
from pytest_parallel_agents.model.plan import Check, Group
from pytest_parallel_agents.options import Options
from pytest_parallel_agents.tables import nearest

RUN = "(run)"
"""Name of the group of all checks. No mark can name it by accident."""


def collect_groups(
    checks: Iterable[Check], options: Options, known: Known
) -> tuple[tuple[Group, ...], tuple[AgentsError, ...]]:
    """The groups in the order in which they are first named, and a fault for each that can never be met or that no
    check is in.

    `checks` are those that run in parallel. A group that the configuration does not name waits for all, and so does one
    of which the user has selected fewer members than it waits for. The members of a panel are decided by that alone,
    and each counts for itself where the user has selected too few of them.
    """
    members: dict[str, list[int]] = defaultdict(list)
    for check in checks:
        if check.group is not None:
            members[check.group].append(check.index)
        if options.wait is not None and options.agree(check.group) is None:
            members[RUN].append(check.index)
    needed = {**options.groups, RUN: options.wait}
    groups = tuple(
        Group(
            name=name,
            needed=_needed(name, needed.get(name), len(ids), known),
            members=tuple(ids),
            agree=options.agree(name),
        )
        for name, ids in members.items()
    )
    unmeetable = [_fault(group, options.where) for group in groups if (group.needed or 0) > len(group.members)]
    if not known.complete:
        return groups, tuple(unmeetable)
    unknown = sorted(set(options.groups) - set(known.groups))
    empty = [_empty_group(name, set(known.groups) - {""}, options.where) for name in unknown]
    return groups, (*unmeetable, *empty, *_too_small(options, known))


def _needed(name: str, needed: int | None, selected: int, known: Known) -> int | None:
    """How many of the `selected` members must pass; None for all."""
    if needed is None or needed <= selected or name == RUN:
        return needed
    return None if not known.complete or known.groups[name] >= needed else needed


def _too_small(options: Options, known: Known) -> Iterator[AgentsError]:
    """A fault for each panel that can never agree. Of an empty group that is reported anyway."""
    for name, agree in options.panels.items():
        if 0 < known.groups[name] < agree:
            problem = f"{options.where}.groups.{name}.agree is {agree}, and its members are {known.groups[name]}"
            yield AgentsError(problem, hint="write a smaller number")


def _empty_group(name: str, groups: Collection[str], where: str) -> AgentsError:
    return AgentsError(f"{where}.groups.{name} is a group that no check is in", hint=nearest(name, sorted(groups)))


def _fault(group: Group, where: str) -> AgentsError:
    size = f"{len(group.members)} check{'s' if len(group.members) > 1 else ''}"
    if group.name == RUN:
        return AgentsError(f"--agents-wait {group.needed} can never be met by {size}", hint="give a smaller number")
    return AgentsError(
        f"group {group.name!r} waits for {group.needed} of its checks to pass, but has {size}",
        hint=f"lower {where}.groups.{group.name}.wait",
    )
