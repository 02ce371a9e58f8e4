"""A configured command: what it runs, on which inputs, and how its check is scheduled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from pytest_parallel_agents.early_bound import os
from pytest_parallel_agents.model.results import Level
from pytest_parallel_agents.tool_formats import exit_code
from pytest_parallel_agents.tool_formats.output import Reader
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.reviewers.reviewer import Review
from pytest_parallel_agents.tools.changes import OnlyChanged
from pytest_parallel_agents.tools.stdin import Stdin, filled

VOTER: Final = "{voter}"
"""The placeholder for the name of a voter."""


class CommandSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A configured command. `where` names its table in messages; `line` is that table's, from 1, if it was found.

    With an `adapter` or a `review` the command is theirs and `args` are added to it, otherwise `command` is all of it.
    `has_other_text` is whether its standard output has text for people beside what is read. It runs in the folder `cwd`
    of the root, with `env` added to the environment, and its document is in `output_file` of that folder if it has one.
    `early` is whether it may begin while tests are collected, None if that depends on what it declares. `fails_by_exit`
    is whether a known limit is the user's: without one the exit code fails the check too. `reports_usage` is whether it
    may report what a language model has used. `changes_files` means that it writes the files that it judges. `inputs`
    holds one input for each check, None for one without; with `input_is_path` it is the path that a known tool judges.
    The fields from `reads` on mean what they mean in the mark; `retry_pause` is in seconds.

    Each of the `voters` is a check of its own, a member of the panel `group`, of which `agree` must agree. Without
    voters there is one check and `agree` is None. `voter` is the one whose command this is. `budget` is how many
    dollars one check spends at most, None if that is not known. With `keep` its answers are kept from run to run.
    """

    name: str
    where: str
    line: int | None
    kind: str
    adapter: Adapter | None
    review: Review | None
    command: tuple[str, ...]
    args: tuple[str, ...]
    cwd: str
    env: Mapping[str, str]
    stdin: Stdin
    output_file: str
    only_changed: OnlyChanged
    read: Reader
    has_other_text: Callable[[str], bool]
    reports_usage: bool
    fail_on: Level
    fails_by_exit: bool
    changes_files: bool
    paths: tuple[str, ...]
    inputs: tuple[str | None, ...]
    input_is_path: bool
    optional: bool
    early: bool | None
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    after: tuple[str, ...]
    cpus: int
    timeout: float | None
    group: str | None
    alone: bool
    retries: int
    retry_pause: float
    voters: tuple[str, ...] = ()
    agree: int | None = None
    budget: float | None = None
    voter: str | None = None
    keep: bool = False

    def of_voter(self, voter: str) -> CommandSpec:
        """The command of one of the voters, with its name wherever `{voter}` stands."""

        def named(text: str) -> str:
            return text.replace(VOTER, voter)

        return replace(
            self,
            voter=voter,
            command=tuple(map(named, self.command)),
            args=tuple(map(named, self.args)),
            env={name: named(value) for name, value in self.env.items()},
            stdin=replace(self.stdin, file=named(self.stdin.file), text=named(self.stdin.text)),
            review=None if self.review is None else replace(self.review, model=named(self.review.model)),
            output_file=named(self.output_file),
        )

    @property
    def reports_findings(self) -> bool:
        """Whether its output distinguishes findings from a failure to work, as an exit code alone does not."""
        return self.read is not exit_code.read

    @property
    def rule(self) -> str:
        """That of findings that name none, such as an exit code's: the same for all members of a panel."""
        panel = self.group if self.agree is not None else None
        return panel or self.name

    @property
    def install(self) -> str:
        """The command that installs a known program; empty for any other."""
        known = self.adapter or (self.review.reviewer if self.review is not None else None)
        return known.install if known is not None else ""

    def filled(self, text: str, chosen: str | None) -> str:
        """A text of the table for the check of one input."""
        return filled(text, chosen)

    def folder(self, chosen: str | None) -> str:
        """The folder that the check of one input runs in, relative to the root; empty for the root itself."""
        return filled(self.cwd, chosen)

    def targets(self, chosen: str | None) -> tuple[str, ...]:
        """The paths that the check of one input judges, relative to its folder."""
        if chosen is not None and self.input_is_path:
            return (chosen,)
        return tuple(filled(path, chosen) for path in self.paths)

    @property
    def names_files(self) -> bool:
        """Whether changed files take the place of its paths; else it runs unchanged, and its findings are filtered."""
        if self.only_changed.by_line or not self.only_changed.base:
            return False
        return bool(self.paths) if self.adapter is None else self.adapter.file_args is not None

    @property
    def types(self) -> tuple[str, ...]:
        """The types of the files that it judges; none for all."""
        judged = self.adapter.types if self.adapter is not None else ()
        return judged if self.only_changed.types is None else self.only_changed.types

    def arguments(self, chosen: str | None) -> tuple[str, ...]:
        """The user's arguments for a known tool."""
        return tuple(filled(arg, chosen) for arg in self.args)

    def argv(self, chosen: str | None, cache: Path, files: Sequence[str] | None = None) -> tuple[str, ...]:
        """The command of the check of one input, to judge its targets or these files of them."""
        targets = self.targets(chosen) if files is None else files
        if self.adapter is not None:
            own = (self.adapter.file_args or ()) if self.names_files else ()
            args = [arg for arg in own if arg not in self.args]  # which some tools take once
            return tuple(self.adapter.argv(targets, (*args, *self.arguments(chosen)), cache))
        return (*(filled(word, chosen) for word in self.command), *targets)

    def written(self, chosen: str | None) -> tuple[str, ...]:
        """The resources that the check of one input writes."""
        targets = (self.targets(chosen) or (".",)) if self.changes_files else ()
        reports = (filled(self.output_file, chosen),) if self.output_file else ()
        return (*self.writes, *(_resource(self.folder(chosen), path) for path in (*targets, *reports)))


def _resource(folder: str, path: str) -> str:
    """A path of a folder as the name of a resource, which has a slash or a dot unlike a plain name."""
    joined = os.path.normpath(os.path.join(folder, path)).replace(os.sep, "/")
    return joined if "/" in joined or "." in joined else f"{joined}/"
