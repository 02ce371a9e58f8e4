"""Which of the known tools become checks, with which settings, and why."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from pytest_parallel_agents.agents.adapters.adapter import Adapter
from pytest_parallel_agents.agents.command import locate
from pytest_parallel_agents.cli.init.habits import HABITS, USUAL, Habits
from pytest_parallel_agents.cli.init.layout import Layout
from pytest_parallel_agents.cli.init.project import Project
from pytest_parallel_agents.cli.init.signs import Configured, settings_of, uses_of


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A tool that becomes a check, the keys of its table, and the reasons."""

    tool: str
    why: str
    settings: Mapping[str, tuple[str, ...] | bool] = msgspec.field(default_factory=dict)


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """The table to be written. `left_out` has the reason for each tool that might have been in it."""

    layout: Layout
    choices: tuple[Choice, ...]
    left_out: Mapping[str, str]
    known: tuple[str, ...]


def propose(project: Project, layout: Layout, adapters: Mapping[str, Adapter]) -> Proposal:
    """A check for each tool that the project uses, or that is installed beside this Python."""
    choices: list[Choice] = []
    left_out: dict[str, str] = {}
    for tool, adapter in sorted(adapters.items()):
        habits = HABITS.get(tool, USUAL)
        configured, uses = settings_of(tool, habits, project), uses_of(tool, project)
        name = adapter.argv((), (), Path())[0]
        program = locate(name, project.root)
        beside = program is not None and Path(program).parent == Path(sys.executable).parent
        ours = beside and name == tool  # a program that serves several tools is no sign of this one
        if not (configured or uses or ours):
            continue
        paths = _paths(habits, configured, layout)
        if paths is None:
            left_out[tool] = "no Python source was found for it to judge"
            continue
        if habits.needs and not any(found.file in habits.flags for found in configured):
            left_out[tool] = f"it needs {habits.needs}"
            continue
        args = _args(habits, configured, spaces=bool(set(layout.spaces) & set(paths)))
        settings: dict[str, tuple[str, ...] | bool] = {"paths": paths, "args": args, "optional": program is None}
        missing = f"; skipped until it is installed: {adapter.install}" if program is None else ""
        told = {key: value for key, value in settings.items() if value}
        choices.append(Choice(tool=tool, why=_why(configured, uses) + missing, settings=told))
    return Proposal(layout=layout, choices=tuple(choices), left_out=left_out, known=tuple(sorted(adapters)))


def _paths(habits: Habits, configured: tuple[Configured, ...], layout: Layout) -> tuple[str, ...] | None:
    """What the tool should be given; nothing when it knows by itself, None when there is nothing to give."""
    if habits.finds_all or any(key in found.settings for found in configured for key in habits.path_keys):
        return ()
    return layout.sources or layout.tests or None


def _args(habits: Habits, configured: tuple[Configured, ...], *, spaces: bool) -> tuple[str, ...]:
    """What makes the tool read the first of its settings that it does not look for by itself, and see namespaces."""
    flags = next(((habits.flags[found.file], found.file) for found in configured if found.file in habits.flags), ())
    told = any(habits.space_key in found.settings for found in configured)
    return (*flags, *(habits.space_args if spaces and not told else ()))


def _why(configured: tuple[Configured, ...], uses: tuple[str, ...]) -> str:
    places = ", ".join(found.place for found in configured)
    reasons = (f"configured by {places}" if places else "", f"named in {', '.join(uses)}" if uses else "")
    return "; ".join(filter(None, reasons)) or "installed in this environment, though nothing here configures it"
