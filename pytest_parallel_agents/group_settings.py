"""The tables `groups.NAME` of the configuration: how many members a group waits for, or must agree in a panel."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pytest_parallel_agents.tables import Table


class GroupSettings(msgspec.Struct, frozen=True, kw_only=True):
    """By the names of groups: `waits` is how many members must pass, None for all, and `panels` how many must agree.

    `agents` are the configured commands that a table lists as members. `tables` are the tables, for faults.
    """

    waits: Mapping[str, int | None]
    panels: Mapping[str, int]
    agents: Mapping[str, tuple[str, ...]]
    tables: Table


def read_groups(groups: Table, strategies: Mapping[str, int | None]) -> GroupSettings:
    """`strategies`: what the words mean that `wait` may have instead of a number. Errors become faults of the table."""
    waits: dict[str, int | None] = {}
    panels: dict[str, int] = {}
    agents: dict[str, tuple[str, ...]] = {}
    for name, table in groups.tables():
        waits[name] = table.whole_or("wait", strategies, minimum=1)
        agents[name] = table.texts("agents")
        agree = table.given_whole("agree", minimum=1)
        if agree is not None:
            panels[name] = agree
            if "wait" in table:
                table.fault("agree", "and wait exclude each other", hint="leave one of them out")
        table.done()
    return GroupSettings(waits=waits, panels=panels, agents=agents, tables=groups)
