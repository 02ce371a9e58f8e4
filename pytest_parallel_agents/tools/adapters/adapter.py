"""Adapters: what must be known of a tool before it can be a check."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import msgspec

from pytest_parallel_agents.model.results import Level
from pytest_parallel_agents.tool_formats.output import Reader
from pytest_parallel_agents.tools.adapters.splitting import Splitter, whole_output
from pytest_parallel_agents.tools.writing import ABOUT_ITSELF, has_flag

Obstacle: TypeAlias = Callable[[Sequence[str], Sequence[str], Path], "str | None"]
"""Takes the paths to be judged, the user's extra arguments and the folder that the tool runs in. Returns what prevents
a check there: file, key and remedy."""


def _no_obstacle(paths: Sequence[str], args: Sequence[str], folder: Path) -> None:  # noqa: ARG001 - an Obstacle
    return None


class Adapter(msgspec.Struct, frozen=True, kw_only=True):
    """A known tool.

    `name` is what users call it. `install` is the command that installs it. `argv` takes the paths to be judged, the
    user's extra arguments and a folder that keeps what the tool caches for this check between runs; it returns the
    command. `read` takes its output and the root, returns what was found or raises Unreadable. `codes` are the exit
    codes after which there is output to read; any other means that the tool is broken, and so does one that is not 0
    when nothing was found. `paths` are judged when the user names none. Findings from `fail_on` upwards fail the check
    unless the user names another level. `cpus` is how many the tool keeps busy.

    `types` are those of the files that it judges, as `file_types.is_of` has them, none for all. A tool that
    `takes_folders` finds them itself. `file_args` are further arguments for single files, with which it leaves out
    those that its settings exclude; None for a tool that must see a whole project to judge a file, or that would judge
    what it is to leave out. `listing` takes the paths and the user's extra arguments and returns the command that
    prints which files it would judge, for a tool that does not report when there are none.

    A check reads the tool's output and changes no file, whatever the user has set: `argv` and the following fields
    ensure it. `writing` are arguments with which the tool is meant to change files, so that its check runs alone.
    `refused` are those with which it would print something else, elsewhere, or not end. With `abbreviates` both may be
    shortened. `unset` are environment variables that do one of these. `obstacle` finds settings that do and that no
    argument overrides.

    `split` separates the tool's document from standard output that plugins may have printed to as well. `nothing` is
    what the tool prints when it has found no file to judge. With `exit_fails` an exit code that is not 0 fails the
    check even if no finding reaches `fail_on`.
    """

    name: str
    install: str
    argv: Callable[[Sequence[str], Sequence[str], Path], Sequence[str]]
    read: Reader
    codes: frozenset[int] = frozenset({0, 1})
    paths: tuple[str, ...] = ()
    fail_on: Level = Level.NOTE
    cpus: int = 1
    types: tuple[str, ...] = ()
    takes_folders: bool = True
    file_args: tuple[str, ...] | None = None
    listing: Callable[[Sequence[str], Sequence[str]], Sequence[str]] | None = None
    writing: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    abbreviates: bool = False
    unset: frozenset[str] = frozenset()
    obstacle: Obstacle = _no_obstacle
    split: Splitter = whole_output
    nothing: re.Pattern[str] | None = None
    exit_fails: bool = True

    def refuses(self, args: Sequence[str]) -> str:
        """The first of the user's arguments that would leave nothing to read; empty without any."""
        return has_flag(self.refused | ABOUT_ITSELF, args, abbreviated=self.abbreviates)
