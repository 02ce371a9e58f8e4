"""Which commands look at the same thing as one panel: the voters of an agent, and agents that a group lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.group_settings import GroupSettings
from pytest_parallel_agents.tables import nearest, quoted
from pytest_parallel_agents.tools.command import CommandSpec


def joined(commands: Sequence[CommandSpec], groups: GroupSettings) -> tuple[tuple[CommandSpec, ...], GroupSettings]:
    """The commands with their groups, and the groups with the panels of commands that have voters.

    Errors become faults of the table of groups.
    """
    faults = groups.tables.faults
    faults += _faults_of_lists(commands, groups)
    listed = {agent: name for name, agents in groups.agents.items() for agent in agents}
    members = [replace(spec, group=spec.group or listed.get(spec.name)) for spec in commands]
    faults += [fault for spec in members for fault in _faults_of_voters(spec, groups)]
    own = {spec.name: spec.agree or _majority(spec) for spec in members if _is_own_panel(spec)}
    panels = {**own, **groups.panels}
    members = [replace(spec, group=spec.name) if _is_own_panel(spec) else spec for spec in members]
    return tuple(replace(spec, agree=panels.get(spec.group or "")) for spec in members), replace(groups, panels=panels)


def _is_own_panel(spec: CommandSpec) -> bool:
    return bool(spec.voters) and spec.group is None


def _majority(spec: CommandSpec) -> int:
    return len(spec.voters) // 2 + 1


def _faults_of_lists(commands: Sequence[CommandSpec], groups: GroupSettings) -> Iterator[AgentsError]:
    by_name = {spec.name: spec for spec in commands}
    first: dict[str, str] = {}
    for name, agents in groups.agents.items():
        where = f"{groups.tables.where}.{name}.agents"
        for agent in agents:
            other = first.setdefault(agent, name)
            if agent not in by_name:
                yield AgentsError(f"{where} names {quoted(agent)}, which is no agent", hint=nearest(agent, by_name))
            elif by_name[agent].group not in {None, name} or other != name:
                group = by_name[agent].group or other
                yield AgentsError(
                    f"{where} names {quoted(agent)}, which is in the group {quoted(group)}", hint="drop one"
                )


def _faults_of_voters(spec: CommandSpec, groups: GroupSettings) -> Iterator[AgentsError]:
    if spec.agree is None:
        return
    if spec.group is not None:
        hint = f"write {groups.tables.where}.{spec.group}.agree"
        yield AgentsError(f"{spec.where}.agree is for an agent that is a panel of its own", hint=hint)
    elif not spec.voters:
        hint = "write voters = 3, or list agents in a group"
        yield AgentsError(f"{spec.where}.agree needs the key voters", hint=hint)
    elif spec.agree > len(spec.voters):
        hint = "write a smaller number"
        yield AgentsError(f"{spec.where}.agree is {spec.agree}, and there are {len(spec.voters)} voters", hint=hint)
