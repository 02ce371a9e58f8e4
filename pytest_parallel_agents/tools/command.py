"""A check that is a command, and how it is run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Final

import msgspec
from msgspec.structs import replace

from pytest_parallel_agents.early_bound import io, os, subprocess
from pytest_parallel_agents.errors import BrokenTool
from pytest_parallel_agents.model.results import Level
from pytest_parallel_agents.tool_formats import exit_code
from pytest_parallel_agents.tool_formats.output import Output, Reader, broken, read_output, read_report
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.reviewers.reviewer import Review
from pytest_parallel_agents.tools.changes import OnlyChanged
from pytest_parallel_agents.tools.early.client import Ran
from pytest_parallel_agents.tools.invocation import Invocation
from pytest_parallel_agents.tools.kept_answers import Question
from pytest_parallel_agents.tools.program import Program, fingerprint, prepared
from pytest_parallel_agents.tools.stdin import Stdin, filled, sent_text
from pytest_parallel_agents.tools.streams import stream_file
from pytest_parallel_agents.tools.targets import NO_FILE, listing_arguments, nothing_judged, prints_nothing

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


def execute(spec: CommandSpec, invocation: Invocation) -> Output:
    """Runs the command of one input.

    Raises BrokenTool when a path, the program, its input or the file that it is to write is missing, when settings keep
    a known tool from being a check, and when there is no file to judge. Skips the check when the command is optional
    and its program or files are missing, and when none of its files has changed.
    """
    chosen, begun, streams = invocation.chosen, invocation.begun, invocation.streams
    program = prepared(spec, invocation)
    report = _report(spec, chosen, program.folder)
    with spec.stdin.of(chosen).opened(invocation.root) as stdin:

        def run() -> Output:
            ran = begun.wait(fingerprint(program, stdin), streams) if begun is not None else None
            if ran is None:
                return run_program(spec, program, stdin, streams)
            return _read(ran, sent_text(program.argv, stdin))

        question = Question(spec=spec, program=program, stdin=stdin)
        output = invocation.answers.ask(question, invocation.scratch, run)
    listing = listing_arguments(spec, program.targets, chosen)
    words = [program.path, *listing]
    if output.exit_code == 0 and listing and prints_nothing(words, program.folder, program.environment):
        raise nothing_judged(spec, NO_FILE)
    return _separated(spec, output, report)


def begin(
    spec: CommandSpec, invocation: Invocation, streams: Mapping[str, BinaryIO]
) -> tuple[subprocess.Popen[bytes], str]:
    """Starts the same command in a process group of its own, and does not wait for it.

    Its output goes into `streams`. Returns the process, and the fingerprint of what it was started with. Raises as
    `execute`.
    """
    program = prepared(spec, invocation)
    with spec.stdin.of(invocation.chosen).opened(invocation.root) as stdin, _startable(spec, program):
        started_with = fingerprint(program, stdin)
        process = subprocess.Popen(
            [program.path, *program.argv[1:]],
            cwd=program.folder,
            env=program.environment,
            stdin=stdin,
            stdout=streams["stdout"],
            stderr=streams["stderr"],
            process_group=0,
        )
    return process, started_with


@contextmanager
def _startable(spec: CommandSpec, program: Program) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        problem = f"{spec.name}: cannot run {program.argv[0]}: {error.strerror}"
        raise BrokenTool(problem, hint=f"see {spec.where}") from error


def run_program(spec: CommandSpec, program: Program, stdin: IO[bytes] | int, streams: Mapping[str, Path]) -> Output:
    """The program's output. Raises BrokenTool when it cannot be started."""
    with stream_file(streams.get("stdout")) as stdout, stream_file(streams.get("stderr")) as stderr:
        with _startable(spec, program):
            finished = subprocess.run(
                [program.path, *program.argv[1:]],
                cwd=program.folder,
                env=program.environment,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                check=False,
            )
        sent = sent_text(program.argv, stdin)  # only now: reading it earlier would leave nothing for the program
        return read_output(finished.returncode, sent=sent, stdout=stdout, stderr=stderr)


def _read(ran: Ran, sent: str) -> Output:
    with io.open(ran.stdout, "rb") as stdout, io.open(ran.stderr, "rb") as stderr:
        return read_output(ran.exit_code, sent=sent, stdout=stdout, stderr=stderr)


def _resource(folder: str, path: str) -> str:
    """A path of a folder as the name of a resource, which has a slash or a dot unlike a plain name."""
    joined = os.path.normpath(os.path.join(folder, path)).replace(os.sep, "/")
    return joined if "/" in joined or "." in joined else f"{joined}/"


def _report(spec: CommandSpec, chosen: str | None, folder: Path) -> Path | None:
    """The file that the command is to write, without that of an earlier run."""
    if not spec.output_file:
        return None
    file = folder / filled(spec.output_file, chosen)
    try:
        os.unlink(file)
    except FileNotFoundError:
        pass
    except OSError as error:
        problem = f"cannot remove the report of an earlier run, {spec.output_file}: {error.strerror}"
        raise BrokenTool(f"{spec.name}: {problem}", hint=f"see {spec.where}.output-file") from error
    return file


def _separated(spec: CommandSpec, output: Output, report: Path | None) -> Output:
    """The output, with the part to be read separated from the rest."""
    if report is not None:
        try:
            with io.open(report, "rb") as file:
                return read_report(output, file)
        except OSError as error:
            problem = f"{output.ended}, and there is no {spec.output_file} to be read: {error.strerror}"
            reason = output.reason() if output.exit_code != 0 else ""
            raise broken(spec.name, output, problem, reason=reason) from error
    if spec.adapter is None or output.cut:
        return output
    document, others = spec.adapter.split(output.stdout)
    return replace(output, stdout=document, other_text=others)
