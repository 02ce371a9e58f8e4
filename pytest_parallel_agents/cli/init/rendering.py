"""A proposal as TOML, with a comment for each choice."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from pytest_parallel_agents.cli.init.layout import Layout
from pytest_parallel_agents.cli.init.proposal import Choice, Proposal
from pytest_parallel_agents.tables import quoted

_WIDTH: Final = 110


def render(proposal: Proposal, header: str) -> str:
    """The table below `header`. Tools without settings are a list as long as none of them has any."""
    lines = [f"[{header}]", *_layout(proposal.layout)]
    lines += [_comment(f"{tool} is left out: {why}.") for tool, why in proposal.left_out.items()]
    lines += _others(proposal)
    if not proposal.choices:
        lines += [_comment(f"No known tool is used here. Known are {', '.join(proposal.known)}.")]
        lines += [_comment("Any other command can be a check too, and the tests run in parallel in any case.")]
    elif any(choice.settings or choice.notes for choice in proposal.choices):
        lines += [line for choice in proposal.choices for line in _table(choice, header)]
    else:
        lines += ["agents = [", *(f"    {quoted(choice.tool)}, {_comment(choice.why)}" for choice in proposal.choices)]
        lines += ["]"]
    return "\n".join(lines) + "\n"


def _layout(layout: Layout) -> Iterator[str]:
    if layout.sources:
        yield _comment(f"Source: {', '.join(layout.sources)} ({layout.sources_why}).")
    if layout.members:
        yield _comment(f"Projects: {', '.join(layout.members)} ({layout.members_why}).")
    where = ", ".join(layout.tests)
    why = f" ({layout.tests_why})" if where and layout.tests_why else layout.tests_why
    if where or why:
        yield _comment(f"Tests: {where}{why}. They need no entry.")


def _others(proposal: Proposal) -> Iterator[str]:
    if proposal.unknown_tools:
        yield _comment("In use here too, and no check yet (any command can be one: agents.NAME.command):")
        alone = ", ".join(name for name in proposal.unknown_tools if " " not in name)
        lines = (
            *textwrap.wrap(alone, _WIDTH, break_on_hyphens=False, break_long_words=False),
            *(name for name in proposal.unknown_tools if " " in name),
        )
        yield from (_comment(f"  {line}") for line in lines)
    if proposal.unused:
        yield _comment(f"Installed, but nothing here uses it: {', '.join(proposal.unused)}.")


def _table(choice: Choice, header: str) -> Iterator[str]:
    yield from ("", f"[{header}.agents.{choice.tool}]", _comment(choice.why), *map(_comment, choice.notes))
    for key, value in choice.settings.items():
        if isinstance(value, bool):
            yield f"{key} = {str(value).lower()}"
        elif isinstance(value, str):
            yield f"{key} = {quoted(value)}"
        else:
            yield f"{key} = {_array(value, room=_WIDTH - len(key))}"


def _array(values: tuple[str, ...], *, room: int) -> str:
    line = f"[{', '.join(map(quoted, values))}]"
    if len(line) <= room:
        return line
    return "\n".join(["[", *(f"    {quoted(value)}," for value in values), "]"])


def _comment(text: str) -> str:
    """Names in the text come from the project and may hold characters that no comment may."""
    return "# " + "".join(character if character.isprintable() else " " for character in text)
