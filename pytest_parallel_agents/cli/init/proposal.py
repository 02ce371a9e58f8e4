"""Which of the known tools become checks, with which settings, and why."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import msgspec

from pytest_parallel_agents.cli.init.habits import HABITS, USUAL, Habits
from pytest_parallel_agents.cli.init.hooks import Hook, find_hooks
from pytest_parallel_agents.cli.init.layout import Layout
from pytest_parallel_agents.cli.init.project import Project
from pytest_parallel_agents.cli.init.signs import Configured, commands_of, settings_of, uses_of
from pytest_parallel_agents.cli.init.takeover import take_over
from pytest_parallel_agents.cli.init.unknown_tools import unknown_tools
from pytest_parallel_agents.tables import quoted
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.command import locate

Setting: TypeAlias = tuple[str, ...] | str | bool


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A tool that becomes a check, the keys of its table, the reasons, and what the table does not say."""

    tool: str
    why: str
    settings: Mapping[str, Setting] = msgspec.field(default_factory=dict)
    notes: tuple[str, ...] = ()


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """The table to be written.

    `left_out` has the reason for each tool that might have been in it, `unknown_tools` is what is in use and not known,
    `unused` what is installed and not in use.
    """

    layout: Layout
    choices: tuple[Choice, ...]
    left_out: Mapping[str, str]
    known: tuple[str, ...]
    unknown_tools: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


def propose(project: Project, layout: Layout, adapters: Mapping[str, Adapter]) -> Proposal:
    """A check for each tool that the project uses."""
    hooks = find_hooks(project)
    judged = [(tool, _judge(tool, adapter, project, layout, hooks)) for tool, adapter in sorted(adapters.items())]
    return Proposal(
        layout=layout,
        choices=tuple(choice for _, choice in judged if isinstance(choice, Choice)),
        left_out={tool: why for tool, why in judged if isinstance(why, str)},
        known=tuple(sorted(adapters)),
        unknown_tools=unknown_tools(project, adapters, hooks),
        unused=tuple(tool for tool, found in judged if found is None and _is_ours(_program(adapters[tool], project))),
    )


def _judge(
    tool: str, adapter: Adapter, project: Project, layout: Layout, hooks: tuple[Hook, ...]
) -> Choice | str | None:
    """The tool as a check, why it cannot be one, or None if nothing shows that it is in use."""
    habits, ran = HABITS.get(tool, USUAL), tuple(hook for hook in hooks if hook.runs(tool))
    everyday = tuple(hook for hook in ran if not hook.by_hand)
    configured, uses = settings_of(tool, habits, project), uses_of(tool, project, everyday)
    own = any(found.place not in habits.borrowed for found in configured)
    if not uses and not (own and not any(_is_named(heir, project, hooks) for heir in habits.heirs)):
        return f"its hook runs only by hand: {_by_hand(ran)}" if ran else _in_members(tool, adapter, project, layout)
    paths = _paths(habits, configured, layout)
    if paths is None:
        return "no Python source was found for it to judge"
    if habits.needs and not any(found.file in habits.flags for found in configured):
        return f"it needs {habits.needs}"
    hook, *others = everyday or (Hook(id=tool, program=tool),)
    taken = take_over(hook, habits, adapter, judged=paths, root=project.root)
    paths = () if _says_paths(habits, configured) else taken.paths or paths
    needed = _args(habits, configured, spaces=bool(set(layout.spaces) & set(paths)))
    args = (*(() if _names_settings(habits, taken.args) else needed), *taken.args)
    return _choice(
        adapter,
        _why(configured, uses),
        {"paths": paths, "args": args, "optional": _program(adapter, project) is None},
        notes=(*taken.notes, *_more(tool, habits, project, layout, others)),
    )


def _is_named(tool: str, project: Project, hooks: tuple[Hook, ...]) -> bool:
    """Whether the project uses the tool, whatever settings it shares with others say."""
    return project.tool(tool) is not None or bool(uses_of(tool, project, [hook for hook in hooks if not hook.by_hand]))


def _choice(adapter: Adapter, why: str, settings: Mapping[str, Setting], notes: tuple[str, ...] = ()) -> Choice:
    missing = f"; skipped until it is installed: {adapter.install}" if settings["optional"] else ""
    told = {key: value for key, value in settings.items() if value}
    return Choice(tool=adapter.name, why=f"{why}{missing}", settings=told, notes=notes)


def _in_members(tool: str, adapter: Adapter, project: Project, layout: Layout) -> Choice | None:
    """A check of each project that has settings for the tool where the repository as a whole has none."""
    habits = HABITS.get(tool, USUAL)
    inner = {member: settings_of(tool, habits, Project(project.root / member)) for member in layout.members}
    configured = {member: found for member, found in inner.items() if found}
    args = {_args(habits, found, spaces=False) for found in configured.values()}
    if len(args) != 1 or habits.needs:
        return None
    why = "; ".join(f"{member} is configured by {found[0].place}" for member, found in configured.items())
    missing = _program(adapter, project) is None
    if habits.nearest:
        return _choice(adapter, why, {"optional": missing})
    knows = habits.finds_all or all(_says_paths(habits, found) for found in configured.values())
    source = "src" if all((project.root / member / "src").is_dir() for member in configured) else "."
    settings: dict[str, Setting] = {"each": tuple(configured), "cwd": "{}", "paths": () if knows else (source,)}
    return _choice(adapter, why, {**settings, "args": args.pop(), "optional": missing})


def _more(tool: str, habits: Habits, project: Project, layout: Layout, others: Sequence[Hook]) -> Iterator[str]:
    """What else in the project has the tool judge something, and is not in its table."""
    for hook in others:
        yield f"another hook runs {shlex.join((hook.program, *hook.args))}{' by hand' * hook.by_hand}"
    yield from commands_of(tool, project)
    for member in () if habits.nearest else layout.members:
        for found in settings_of(tool, habits, Project(project.root / member)):
            yield f"{member} has settings of its own, which count with cwd = {quoted(member)}: {found.place}"


def _by_hand(hooks: Sequence[Hook]) -> str:
    return ", ".join(shlex.join((hook.program, *hook.args)) for hook in hooks)


def _program(adapter: Adapter, project: Project) -> str | None:
    return locate(adapter.argv((), (), Path())[0], project.root)


def _is_ours(program: str | None) -> bool:
    """Whether a program is of the environment that runs this."""
    return program is not None and Path(program).parent == Path(sys.executable).parent


def _paths(habits: Habits, configured: tuple[Configured, ...], layout: Layout) -> tuple[str, ...] | None:
    """What the tool should be given; nothing when it knows by itself, None when there is nothing to give."""
    if habits.finds_all or _says_paths(habits, configured):
        return ()
    return layout.sources or layout.tests or None


def _says_paths(habits: Habits, configured: tuple[Configured, ...]) -> bool:
    """Whether its own settings say what it judges."""
    return any(key in found.settings for found in configured for key in habits.path_keys)


def _names_settings(habits: Habits, args: Sequence[str]) -> bool:
    """Whether arguments name the file of its settings already."""
    return any(arg.partition("=")[0] in habits.flags.values() for arg in args)


def _args(habits: Habits, configured: tuple[Configured, ...], *, spaces: bool) -> tuple[str, ...]:
    """What makes the tool read the first of its settings that it does not look for by itself, and see namespaces."""
    flags = next(((habits.flags[found.file], found.file) for found in configured if found.file in habits.flags), ())
    told = any(habits.space_key in found.settings for found in configured)
    return (*flags, *(habits.space_args if spaces and not told else ()))


def _why(configured: tuple[Configured, ...], uses: tuple[str, ...]) -> str:
    places = ", ".join(found.place for found in configured)
    reasons = (f"configured by {places}" if places else "", f"named in {', '.join(uses)}" if uses else "")
    return "; ".join(filter(None, reasons))
