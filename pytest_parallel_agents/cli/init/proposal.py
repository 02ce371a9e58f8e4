"""The known tools that become checks, with their settings and the reasons."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import msgspec

from pytest_parallel_agents.cli.init.hooks import Hook, find_hooks
from pytest_parallel_agents.cli.init.layout import Layout
from pytest_parallel_agents.cli.init.project import Project
from pytest_parallel_agents.cli.init.signs import Configured, commands_of, settings_of, uses_of
from pytest_parallel_agents.cli.init.takeover import take_over
from pytest_parallel_agents.cli.init.tool_traits import TOOL_TRAITS, USUAL, ToolTraits
from pytest_parallel_agents.cli.init.unknown_tools import unknown_tools
from pytest_parallel_agents.tables import quoted
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.program import locate

Setting: TypeAlias = tuple[str, ...] | str | bool


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A tool that becomes a check, the keys of its table, the reasons, and notes on what the table leaves out."""

    tool: str
    why: str
    settings: Mapping[str, Setting] = msgspec.field(default_factory=dict)
    notes: tuple[str, ...] = ()


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """The table to be written.

    `left_out` has the reason for each tool that might have been in it. `unknown_tools` are in use and not known;
    `unused` ones are installed and not in use.
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
    judged = [(tool, _choose(tool, adapter, project, layout, hooks)) for tool, adapter in sorted(adapters.items())]
    return Proposal(
        layout=layout,
        choices=tuple(choice for _, choice in judged if isinstance(choice, Choice)),
        left_out={tool: why for tool, why in judged if isinstance(why, str)},
        known=tuple(sorted(adapters)),
        unknown_tools=unknown_tools(project, adapters, hooks),
        unused=tuple(tool for tool, found in judged if found is None and _is_ours(_program(adapters[tool], project))),
    )


def _choose(
    tool: str, adapter: Adapter, project: Project, layout: Layout, hooks: tuple[Hook, ...]
) -> Choice | str | None:
    """The tool as a check, the reason why it cannot be one, or None if nothing shows that it is in use."""
    traits, ran = TOOL_TRAITS.get(tool, USUAL), tuple(hook for hook in hooks if hook.runs(tool))
    everyday = tuple(hook for hook in ran if not hook.by_hand)
    configured, uses = settings_of(tool, traits, project), uses_of(tool, project, everyday)
    own = any(found.place not in traits.borrowed for found in configured)
    if not uses and not (own and not any(_is_named(borrower, project, hooks) for borrower in traits.borrowers)):
        return f"its hook runs only by hand: {_by_hand(ran)}" if ran else _in_members(tool, adapter, project, layout)
    paths = _paths(traits, configured, layout)
    if paths is None:
        return "no Python source was found for it to judge"
    if traits.needs and not any(found.file in traits.flags for found in configured):
        return f"it needs {traits.needs}"
    hook, *others = everyday or (Hook(id=tool, program=tool),)
    taken = take_over(hook, traits, adapter, judged=paths, root=project.root)
    paths = () if _settings_name_paths(traits, configured) else taken.paths or paths
    needed = _args(traits, configured, spaces=bool(set(layout.spaces) & set(paths)))
    args = (*(() if _names_settings(traits, taken.args) else needed), *taken.args)
    return _choice(
        adapter,
        _why(configured, uses),
        {"paths": paths, "args": args, "optional": _program(adapter, project) is None},
        notes=(*taken.notes, *_more(tool, traits, project, layout, others)),
    )


def _is_named(tool: str, project: Project, hooks: tuple[Hook, ...]) -> bool:
    """Whether the project uses the tool, settings that it shares with others aside."""
    return project.tool(tool) is not None or bool(uses_of(tool, project, [hook for hook in hooks if not hook.by_hand]))


def _choice(adapter: Adapter, why: str, settings: Mapping[str, Setting], notes: tuple[str, ...] = ()) -> Choice:
    missing = f"; skipped until it is installed: {adapter.install}" if settings["optional"] else ""
    given = {key: value for key, value in settings.items() if value}
    return Choice(tool=adapter.name, why=f"{why}{missing}", settings=given, notes=notes)


def _in_members(tool: str, adapter: Adapter, project: Project, layout: Layout) -> Choice | None:
    """A check for each project that has settings for the tool where the repository as a whole has none."""
    traits = TOOL_TRAITS.get(tool, USUAL)
    inner = {member: settings_of(tool, traits, Project(project.root / member)) for member in layout.members}
    configured = {member: found for member, found in inner.items() if found}
    args = {_args(traits, found, spaces=False) for found in configured.values()}
    if len(args) != 1 or traits.needs:
        return None
    why = "; ".join(f"{member} is configured by {found[0].place}" for member, found in configured.items())
    missing = _program(adapter, project) is None
    if traits.nearest:
        return _choice(adapter, why, {"optional": missing})
    knows = traits.finds_all or all(_settings_name_paths(traits, found) for found in configured.values())
    source = "src" if all((project.root / member / "src").is_dir() for member in configured) else "."
    settings: dict[str, Setting] = {"each": tuple(configured), "cwd": "{}", "paths": () if knows else (source,)}
    return _choice(adapter, why, {**settings, "args": args.pop(), "optional": missing})


def _more(tool: str, traits: ToolTraits, project: Project, layout: Layout, others: Sequence[Hook]) -> Iterator[str]:
    """Other places in the project that have the tool judge something, and are not in its table."""
    for hook in others:
        yield f"another hook runs {shlex.join((hook.program, *hook.args))}{' by hand' * hook.by_hand}"
    yield from commands_of(tool, project)
    for member in () if traits.nearest else layout.members:
        for found in settings_of(tool, traits, Project(project.root / member)):
            yield f"{member} has settings of its own, which count with cwd = {quoted(member)}: {found.place}"


def _by_hand(hooks: Sequence[Hook]) -> str:
    return ", ".join(shlex.join((hook.program, *hook.args)) for hook in hooks)


def _program(adapter: Adapter, project: Project) -> str | None:
    return locate(adapter.argv((), (), Path())[0], project.root)


def _is_ours(program: str | None) -> bool:
    """Whether a program belongs to the environment that runs this."""
    return program is not None and Path(program).parent == Path(sys.executable).parent


def _paths(traits: ToolTraits, configured: tuple[Configured, ...], layout: Layout) -> tuple[str, ...] | None:
    """The paths to give the tool; none when it finds them by itself, None when there are none to give."""
    if traits.finds_all or _settings_name_paths(traits, configured):
        return ()
    return layout.sources or layout.tests or None


def _settings_name_paths(traits: ToolTraits, configured: tuple[Configured, ...]) -> bool:
    """Whether its own settings name what it judges."""
    return any(key in found.settings for found in configured for key in traits.path_keys)


def _names_settings(traits: ToolTraits, args: Sequence[str]) -> bool:
    """Whether arguments name the file of its settings already."""
    return any(arg.partition("=")[0] in traits.flags.values() for arg in args)


def _args(traits: ToolTraits, configured: tuple[Configured, ...], *, spaces: bool) -> tuple[str, ...]:
    """Arguments that make the tool read the first of its settings that it does not find by itself, and see
    namespaces.
    """
    flags = next(((traits.flags[found.file], found.file) for found in configured if found.file in traits.flags), ())
    given = any(traits.space_key in found.settings for found in configured)
    return (*flags, *(traits.space_args if spaces and not given else ()))


def _why(configured: tuple[Configured, ...], uses: tuple[str, ...]) -> str:
    places = ", ".join(found.place for found in configured)
    reasons = (f"configured by {places}" if places else "", f"named in {', '.join(uses)}" if uses else "")
    return "; ".join(filter(None, reasons))
