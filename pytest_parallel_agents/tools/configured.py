"""The tables `agents.NAME` of the configuration: commands that become checks."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping
from glob import glob
from itertools import chain, dropwhile
from pathlib import Path
from typing import Final, NamedTuple

from pytest_parallel_agents.model.results import Level
from pytest_parallel_agents.tables import Table, nearest, quoted
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.reviewers import REVIEWERS
from pytest_parallel_agents.tools.adapters.reviewers.reviewer import Reviewer
from pytest_parallel_agents.tools.changes import OnlyChanged
from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.program_settings import (
    Settings,
    known_tool,
    other_command,
    reviewer_program,
    revision,
)
from pytest_parallel_agents.tools.stdin import INPUT

RETRY_PAUSE_SECONDS: Final = 1.0
REGEX_KEYS: Final = ("pattern", "clean")
COMMAND_KEYS: Final = ("format", *REGEX_KEYS, "path-map", "stdin", "stdin-diff", "stdin-diff-paths", "output-file")
"""Keys that known tools do not need, because their adapters define them."""
REVIEW_KEYS: Final = ("prompt", "diff", "model", "budget", "tools")
_NAMED_OTHERWISE: Final = {
    "stdin": "write prompt",
    "stdin-diff": "write diff",
    "stdin-diff-paths": "write paths",
}
"""Their names for what commands call otherwise."""


def parse_agents(
    table: Table, adapters: Mapping[str, Adapter], *, kinds: Collection[str], root: Path, source: str = ""
) -> tuple[CommandSpec, ...]:
    """The commands in the table `agents`, in its order; errors become faults of the table.

    `kinds` are the registered ones. Patterns of inputs are looked up in `root`. `source` is the text of the file, in
    which each table's line is looked up.
    """
    project = _Project(adapters, kinds, root, source)
    return tuple(_command(name, entry, project) for name, entry in table.tables())


class _Project(NamedTuple):
    adapters: Mapping[str, Adapter]
    kinds: Collection[str]
    root: Path
    source: str


def _command(name: str, table: Table, project: _Project) -> CommandSpec:
    known = _known(name, table, project.adapters)
    adapter = known if isinstance(known, Adapter) else None
    program = _program(table, known)
    folder = project.root if INPUT in program.cwd else project.root / program.cwd
    inputs = _inputs(table, None if adapter else program.texts, folder)
    spec = _spec(name, table, project, program, inputs)
    _refuse_misplaced(table, known, program.form)
    table.done()
    return spec


def _program(table: Table, known: Adapter | Reviewer | None) -> Settings:
    if isinstance(known, Reviewer):
        return reviewer_program(table, known)
    return known_tool(table, known) if known is not None else other_command(table)


def _spec(name: str, table: Table, project: _Project, program: Settings, inputs: tuple[str | None, ...]) -> CommandSpec:
    return CommandSpec(
        name=name,
        where=table.where,
        line=_line(name, project.source),
        kind=table.word("kind", project.kinds, "review"),
        adapter=program.adapter,
        review=program.review,
        command=program.command,
        args=program.args,
        cwd=program.cwd,
        env=program.env,
        stdin=program.stdin,
        output_file=program.output_file,
        only_changed=_only_changed(table),
        read=program.read,
        has_other_text=program.has_other_text,
        reports_usage=program.reports_usage,
        fail_on=table.choice("fail-on", Level, program.fail_on),
        fails_by_exit="fail-on" not in table,
        changes_files=program.changes_files,
        paths=program.paths,
        inputs=inputs,
        input_is_path=program.adapter is not None and _input_is_path(table, program),
        optional=table.flag("optional", default=program.optional),
        early=table.given_flag("early"),
        reads=table.texts("reads"),
        writes=table.texts("writes"),
        after=table.texts("after"),
        cpus=table.whole("cpus", program.cpus, minimum=0),
        timeout=table.number("timeout", program.timeout),
        group=table.text("group") or None,
        alone=table.flag("alone") or program.changes_files,
        retries=table.whole("retries", 0, minimum=0),
        retry_pause=table.share("retry-pause", RETRY_PAUSE_SECONDS),
        voters=table.names("voters", minimum=2),
        agree=table.given_whole("agree", minimum=1),
        budget=table.given_share("budget") if program.review is None else program.review.budget,
        keep=_keeps(table, program),
    )


def _refuse_misplaced(table: Table, known: Adapter | Reviewer | None, form: str) -> None:
    """Reports keys that have a meaning elsewhere, so that users do not search for a misspelling."""
    if isinstance(known, Reviewer):
        _refuse_for_reviewer(table, known)
        return
    for key in REVIEW_KEYS:
        table.refuse(key, "is for known programs of language models", hint=", ".join(REVIEWERS))
    if known is not None:
        for key in COMMAND_KEYS:
            table.refuse(key, f"is for commands, and {known.name} is a known tool", hint="leave it out")
        return
    if form != "regex":
        for key in REGEX_KEYS:
            table.refuse(key, f"is for the format {quoted('regex')}, not for {quoted(form)}", hint="leave it out")
    if "command" in table:
        table.refuse("args", "is for known tools", hint="write the arguments into command")
        table.refuse("tool", "and command exclude each other", hint="leave one of them out")


def _refuse_for_reviewer(table: Table, reviewer: Reviewer) -> None:
    for key in COMMAND_KEYS:
        hint = _NAMED_OTHERWISE.get(key, "leave it out")
        table.refuse(key, f"is for commands, and {reviewer.name} is a known program", hint=hint)
    for key in () if reviewer.takes_prompt else ("prompt", "paths", "model", "tools"):
        if key in table:
            table.fault(key, f"is nothing that {reviewer.name} takes", hint="see its own settings, or the key args")


def _known(name: str, table: Table, adapters: Mapping[str, Adapter]) -> Adapter | Reviewer | None:
    """The tool that the table names, by `tool` or by its own name; a table with a command names no known tool."""
    if "command" in table:
        return None
    known: dict[str, Adapter | Reviewer] = {**REVIEWERS, **adapters}
    tool = table.word("tool", known, "") or name
    if tool not in known and "tool" not in table:
        table.fault("command", f"is missing, and {quoted(name)} is no known tool", hint=nearest(name, known))
    return known.get(tool)


def _input_is_path(table: Table, program: Settings) -> bool:
    """Whether a known tool judges its input, as it does unless the table has another place for it."""
    has_place = any(INPUT in text for text in (program.cwd, *program.paths))
    return not has_place and not ("paths" in table and any(INPUT in arg for arg in program.args))


def _keeps(table: Table, program: Settings) -> bool:
    """Answers of known programs are kept, unless these find out by themselves what they judge."""
    keep = table.flag("keep", default=program.review is not None and program.review.reviewer.takes_prompt)
    if keep and "keep" in table and (not program.reports_usage or program.output_file):
        table.fault("keep", f"is for commands with the format {quoted('findings')} that print it", hint="leave it out")
    return keep


def _only_changed(table: Table) -> OnlyChanged:
    base = revision(table, "only-changed")
    for key in ("changed-lines", "changed-types"):
        if key in table and not base:
            table.fault(key, "needs the key only-changed", hint='a revision of git, as in "origin/main"')
    types = table.texts("changed-types") if "changed-types" in table else None
    return OnlyChanged(where=table.where, base=base, by_line=table.flag("changed-lines"), types=types)


def _inputs(table: Table, places: Iterable[str] | None, root: Path) -> tuple[str | None, ...]:
    """The inputs, which must stand in one of these texts; `places` is None when the tool knows where to put them."""
    inputs = table.texts("each")
    if not inputs:
        return (None,)
    if places is not None and not any(INPUT in text for text in places):
        table.fault("each", "has no place in the command", hint=f"write {INPUT} in the command where the input goes")
    table.refuse_repeated("each", inputs)
    matches = {text: _matches(text, root) for text in inputs}
    for text in inputs:
        if not matches[text] and not table.flag("optional"):
            table.fault("each", f"matches nothing with {quoted(text)}", hint="correct it or write optional = true")
    return tuple(dict.fromkeys(chain.from_iterable(matches.values())))


def _matches(text: str, root: Path) -> list[str]:
    """The paths below the root that a pattern matches, as in a shell, in order. Any other text is its own
    only match.
    """
    if "*" not in text:
        return [text]
    paths = glob(text, root_dir=root, recursive=True)  # noqa: PTH207 - pathlib's finds hidden files too
    return sorted(path.replace(os.sep, "/") for path in paths)


def _line(name: str, source: str) -> int | None:
    """Where the agent's table begins, or its name stands in a list of them."""
    lines = [(number, line.split("#")[0].strip()) for number, line in enumerate(source.splitlines(), start=1)]
    headers = (f"agents.{name}]", f"agents.{quoted(name)}]")
    listed = dropwhile(lambda numbered: not _LIST.match(numbered[1]), lines)
    tables = (number for number, line in lines if line.endswith(headers))
    names = (number for number, line in listed if quoted(name) in line or f"'{name}'" in line)
    return next(chain(tables, names), None)


_LIST: Final = re.compile(r"(?:.*\.)?agents\s*=\s*\[")
