"""The tables `agents.NAME` of the configuration: commands that become checks."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from glob import glob
from itertools import chain, dropwhile
from pathlib import Path
from typing import Final, NamedTuple

from pytest_parallel_agents.model import Level
from pytest_parallel_agents.secrets import mask_also
from pytest_parallel_agents.tables import Table, nearest, quoted
from pytest_parallel_agents.tool_formats.output import Reader
from pytest_parallel_agents.tool_formats.registry import FORMATS, HAS_OTHER_TEXT
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.changes import OnlyChanged
from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.shell import shell_syntax
from pytest_parallel_agents.tools.stdin import INPUT, Stdin
from pytest_parallel_agents.tools.writing import changes_files, has_flag

RETRY_PAUSE_SECONDS: Final = 1.0
REGEX_KEYS: Final = ("pattern", "clean")
COMMAND_KEYS: Final = ("format", *REGEX_KEYS, "path-map", "stdin", "stdin-diff", "stdin-diff-paths", "output-file")
"""Keys that known tools do not need, because their adapters define them."""


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


class _Program(NamedTuple):
    """The settings that known tools and other commands have each in their own way."""

    cwd: str
    env: Mapping[str, str]
    read: Reader
    has_other_text: Callable[[str], bool]
    paths: tuple[str, ...]
    changes_files: bool
    adapter: Adapter | None = None
    args: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    form: str = ""
    reports_usage: bool = False
    stdin: Stdin = Stdin()
    output_file: str = ""
    fail_on: Level = Level.ERROR
    cpus: int = 1

    @property
    def texts(self) -> tuple[str, ...]:
        """Where the input of a command may have its place."""
        own = (*self.command, *self.paths, self.stdin.file, *self.stdin.paths, self.output_file)
        return (*own, self.cwd, *self.env.values())


def _command(name: str, table: Table, project: _Project) -> CommandSpec:
    adapter = _adapter(name, table, project.adapters)
    program = _known_tool(table, adapter) if adapter else _other_command(table)
    folder = project.root if INPUT in program.cwd else project.root / program.cwd
    inputs = _inputs(table, None if adapter else program.texts, folder)
    spec = _spec(name, table, project, program, inputs)
    _refuse_misplaced(table, adapter, program.form)
    table.done()
    return spec


def _spec(name: str, table: Table, project: _Project, program: _Program, inputs: tuple[str | None, ...]) -> CommandSpec:
    return CommandSpec(
        name=name,
        where=table.where,
        line=_line(name, project.source),
        kind=table.word("kind", project.kinds, "review"),
        adapter=program.adapter,
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
        optional=table.flag("optional"),
        reads=table.texts("reads"),
        writes=table.texts("writes"),
        after=table.texts("after"),
        cpus=table.whole("cpus", program.cpus, minimum=0),
        timeout=table.number("timeout"),
        group=table.text("group") or None,
        alone=table.flag("alone") or program.changes_files,
        retries=table.whole("retries", 0, minimum=0),
        retry_pause=table.share("retry-pause", RETRY_PAUSE_SECONDS),
        voters=table.names("voters", minimum=2),
        agree=table.given_whole("agree", minimum=1),
    )


def _known_tool(table: Table, adapter: Adapter) -> _Program:
    args = _arguments(table, adapter)
    return _Program(
        adapter=adapter,
        cwd=table.text("cwd"),
        env=_environment(table),
        read=adapter.read,
        has_other_text=_has_no_other_text,
        paths=table.texts("paths", adapter.paths),
        changes_files=bool(has_flag(adapter.writing, args, abbreviated=adapter.abbreviates, clustered=True)),
        args=args,
        fail_on=adapter.fail_on,
        cpus=adapter.cpus,
    )


def _other_command(table: Table) -> _Program:
    command, cwd = _words(table), table.text("cwd")
    form = table.word("format", FORMATS, "exit-code")
    return _Program(
        cwd=cwd,
        env=_environment(table),
        read=FORMATS[form](table),
        has_other_text=HAS_OTHER_TEXT.get(form, _has_no_other_text),
        paths=table.texts("paths"),
        changes_files=changes_files(command),
        command=command,
        form=form,
        reports_usage=form == "findings",
        stdin=_stdin(table),
        output_file=_output_file(table, form, cwd),
    )


def _refuse_misplaced(table: Table, adapter: Adapter | None, form: str) -> None:
    """Reports keys that have a meaning elsewhere, so that users do not search for a misspelling."""
    if adapter is not None:
        for key in COMMAND_KEYS:
            table.refuse(key, f"is for commands, and {adapter.name} is a known tool", hint="leave it out")
        return
    if form != "regex":
        for key in REGEX_KEYS:
            table.refuse(key, f"is for the format {quoted('regex')}, not for {quoted(form)}", hint="leave it out")
    if "command" in table:
        table.refuse("args", "is for known tools", hint="write the arguments into command")
        table.refuse("tool", "and command exclude each other", hint="leave one of them out")


def _has_no_other_text(stdout: str) -> bool:  # noqa: ARG001 - a machine-readable format has no other text
    return False


def _adapter(name: str, table: Table, adapters: Mapping[str, Adapter]) -> Adapter | None:
    """The tool that the table names, by `tool` or by its own name; a table with a command names no known tool."""
    if "command" in table:
        return None
    tool = table.word("tool", adapters, "") or name
    if tool not in adapters and "tool" not in table:
        table.fault("command", f"is missing, and {quoted(name)} is no known tool", hint=nearest(name, adapters))
    return adapters.get(tool)


def _words(table: Table) -> tuple[str, ...]:
    text = table.given_text("command")
    syntax = shell_syntax(text) if text is not None else None
    if text is not None and syntax is not None:
        script = json.dumps(text, ensure_ascii=False)  # also a string of TOML
        table.fault(
            "command",
            f"has {quoted(syntax)}, which only a shell understands, and no shell runs it",
            hint=f'write ["sh", "-c", {script}], or put it in single quotes if it means itself',
        )
    return table.command("command")


def _arguments(table: Table, adapter: Adapter) -> tuple[str, ...]:
    args = table.texts("args")
    refused = adapter.refuses(args)
    if refused:
        table.fault(
            "args",
            f"has {quoted(refused)}, and with it {adapter.name} does not print what it finds as it is read here",
            hint="leave it out; pytest's own options write reports",
        )
    return args


def _environment(table: Table) -> dict[str, str]:
    environment = table.named_texts("env")
    for name in environment:
        if not name or "=" in name or "\0" in name:
            table.fault("env", f"names {quoted(name)}, which can be no variable", hint='write NAME = "value"')
    mask_also(environment)
    return environment


def _output_file(table: Table, form: str, cwd: str) -> str:
    file = table.text("output-file")
    if file and form == "exit-code":
        readable = [name for name in FORMATS if name != form]
        table.fault("output-file", "needs the key format: how it is read", hint=", ".join(readable))
    if file and "each" in table and not any(INPUT in text for text in (file, cwd)):
        table.fault("output-file", "is one file for all inputs of each", hint=f"write {INPUT} where the input goes")
    return file


def _input_is_path(table: Table, program: _Program) -> bool:
    """Whether a known tool judges its input, as it does unless the table has another place for it."""
    has_place = any(INPUT in text for text in (program.cwd, *program.paths))
    return not has_place and not ("paths" in table and any(INPUT in arg for arg in program.args))


def _stdin(table: Table) -> Stdin:
    base = table.text("stdin-diff")
    if base.startswith("-"):
        table.fault("stdin-diff", f"must be a revision of git, not {quoted(base)}")
    if "stdin-diff-paths" in table and not base:
        table.fault("stdin-diff-paths", "needs the key stdin-diff", hint='a revision of git, as in "origin/main"')
    return Stdin(where=table.where, file=table.text("stdin"), base=base, paths=table.texts("stdin-diff-paths"))


def _only_changed(table: Table) -> OnlyChanged:
    base = table.text("only-changed")
    if base.startswith("-"):
        table.fault("only-changed", f"must be a revision of git, not {quoted(base)}")
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
