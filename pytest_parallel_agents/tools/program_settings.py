"""How a configured command is run and read: a known tool, a known program of a language model, or any other command."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from msgspec.structs import replace

from pytest_parallel_agents.model.results import Level
from pytest_parallel_agents.secrets import mask_also
from pytest_parallel_agents.tables import Table, quoted
from pytest_parallel_agents.tool_formats.answer_schema import answer_schema_text
from pytest_parallel_agents.tool_formats.output import Reader
from pytest_parallel_agents.tool_formats.registry import FORMATS, HAS_OTHER_TEXT
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.reviewers.reviewer import Review, Reviewer
from pytest_parallel_agents.tools.prompt import REVIEW, instructions
from pytest_parallel_agents.tools.shell import shell_syntax
from pytest_parallel_agents.tools.stdin import INPUT, Stdin
from pytest_parallel_agents.tools.writing import changes_files, has_flag

REVIEW_SECONDS: Final = 300.0
"""The time limit of a known program of a language model. The slowest answers to big changes take two minutes."""


class Settings(NamedTuple):
    """The settings that known tools and other commands have each in their own way."""

    cwd: str
    env: Mapping[str, str]
    read: Reader
    has_other_text: Callable[[str], bool]
    paths: tuple[str, ...]
    changes_files: bool
    adapter: Adapter | None = None
    review: Review | None = None
    args: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    form: str = ""
    reports_usage: bool = False
    stdin: Stdin = Stdin()
    output_file: str = ""
    fail_on: Level = Level.ERROR
    cpus: int = 1
    optional: bool = False
    timeout: float | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """Where the input of a command may have its place."""
        stdin = (self.stdin.file, self.stdin.text, self.stdin.base, *self.stdin.paths)
        model = self.review.model if self.review is not None else ""
        own = (*self.command, *self.args, *self.paths, self.output_file, model)
        return (*own, *stdin, self.cwd, *self.env.values())


def known_tool(table: Table, adapter: Adapter) -> Settings:
    args = _arguments(table, adapter)
    return Settings(
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


def reviewer_program(table: Table, reviewer: Reviewer) -> Settings:
    """By default it keeps no CPU busy, is skipped where it cannot be asked, and does not wait for ever."""
    args, paths = _arguments(table, reviewer), table.texts("paths")
    review = Review(
        reviewer=reviewer,
        model=table.text("model"),
        budget=table.number("budget"),
        may_read=table.word("tools", ("read",), "") == "read",
    )
    program = Settings(
        review=review,
        cwd=table.text("cwd"),
        env=_environment(table),
        read=reviewer.read,
        has_other_text=HAS_OTHER_TEXT["findings"],
        paths=(),
        changes_files=False,
        args=args,
        reports_usage=True,
        stdin=_prompt(table, reviewer, paths),
        cpus=0,
        optional=True,
        timeout=REVIEW_SECONDS,
    )
    if "each" not in table or any(INPUT in text for text in program.texts):
        return program
    return program._replace(stdin=replace(program.stdin, paths=(INPUT,)))


def other_command(table: Table) -> Settings:
    command, cwd = _words(table), table.text("cwd")
    form = table.word("format", FORMATS, "exit-code")
    return Settings(
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


def _prompt(table: Table, reviewer: Reviewer, paths: tuple[str, ...]) -> Stdin:
    """What a reviewer is sent. A prompt of several words is the text itself, unless it ends like the name of a file."""
    prompt = table.text("prompt")
    is_text = len(prompt.split()) > 1 and not re.search(r"\S\.\w+\Z", prompt)
    own = prompt if is_text else "" if prompt else REVIEW
    return Stdin(
        where=table.where,
        keys=("prompt", "diff"),
        file="" if is_text else prompt,
        text=f"{own.rstrip()}\n{instructions(answer_schema_text(), holds_schema=reviewer.holds_schema)}",
        base=revision(table, "diff"),
        paths=paths,
        marked=True,
    )


def _stdin(table: Table) -> Stdin:
    base = revision(table, "stdin-diff")
    if "stdin-diff-paths" in table and not base:
        table.fault("stdin-diff-paths", "needs the key stdin-diff", hint='a revision of git, as in "origin/main"')
    return Stdin(where=table.where, file=table.text("stdin"), base=base, paths=table.texts("stdin-diff-paths"))


def revision(table: Table, key: str) -> str:
    revision = table.text(key)
    if revision.startswith("-"):
        table.fault(key, f"must be a revision of git, not {quoted(revision)}")
    return revision


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


def _arguments(table: Table, known: Adapter | Reviewer) -> tuple[str, ...]:
    args = table.texts("args")
    refused = known.refuses(args)
    if refused and isinstance(known, Reviewer):
        problem = f"has {quoted(refused)}, with which {known.name} prints something else or may change files"
        table.fault("args", problem, hint="leave it out")
    elif refused:
        table.fault(
            "args",
            f"has {quoted(refused)}, and with it {known.name} does not print what it finds as it is read here",
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


def _has_no_other_text(stdout: str) -> bool:  # noqa: ARG001 - a machine-readable format has no other text
    return False
