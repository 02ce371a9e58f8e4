"""A check that is a command, and how it is run."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

import msgspec
import pytest
from msgspec.structs import replace

from pytest_parallel_agents.early_bound import io, os, shutil, subprocess
from pytest_parallel_agents.errors import BrokenTool
from pytest_parallel_agents.model import Level
from pytest_parallel_agents.tool_formats import exit_code
from pytest_parallel_agents.tool_formats.output import NothingJudged, Output, Reader, broken, read_output, read_report
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.reviewers.reviewer import Review
from pytest_parallel_agents.tools.changes import Changes, OnlyChanged
from pytest_parallel_agents.tools.stdin import INPUT, Stdin, sent_text
from pytest_parallel_agents.tools.streams import WITHOUT_NAMES, stream_file
from pytest_parallel_agents.tools.targets import (
    NO_FILE,
    changed_targets,
    listing_arguments,
    named_files,
    nothing_judged,
    prints_nothing,
)

VOTER: Final = "{voter}"
"""The placeholder for the name of a voter."""


class CommandSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A configured command. `where` names its table in messages; `line` is that table's, from 1, if it was found.

    With an `adapter` or a `review` the command is theirs and `args` are added to it, otherwise `command` is all of it.
    `has_other_text` is whether its standard output has text for people beside what is read. It runs in the folder `cwd`
    of the root, with `env` added to the environment, and its document is in `output_file` of that folder if it has one.
    `fails_by_exit` is whether a known limit is the user's: without one the exit code fails the check too.
    `reports_usage` is whether it may report what a language model has used. `changes_files` means that it writes the
    files that it judges. `inputs` holds one input for each check, None for one without; with `input_is_path` it is the
    path that a known tool judges. The fields from `reads` on mean what they mean in the mark; `retry_pause` is in
    seconds.

    Each of the `voters` is a check of its own, a member of the panel `group`, of which `agree` must agree. Without
    voters there is one check and `agree` is None. `voter` is the one whose command this is. `budget` is how many
    dollars one check spends at most, None if that is not known.
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

    def of_voter(self, voter: str) -> CommandSpec:
        """The command of one of the voters, with its name wherever `{voter}` stands."""

        def filled(text: str) -> str:
            return text.replace(VOTER, voter)

        return replace(
            self,
            voter=voter,
            command=tuple(map(filled, self.command)),
            args=tuple(map(filled, self.args)),
            env={name: filled(value) for name, value in self.env.items()},
            stdin=replace(self.stdin, file=filled(self.stdin.file), text=filled(self.stdin.text)),
            review=None if self.review is None else replace(self.review, model=filled(self.review.model)),
            output_file=filled(self.output_file),
        )

    @property
    def reports_findings(self) -> bool:
        """Whether its output distinguishes findings from a failure to work, as an exit code alone does not."""
        return self.read is not exit_code.read

    @property
    def install(self) -> str:
        """The command that installs a known program; empty for any other."""
        known = self.adapter or (self.review.reviewer if self.review is not None else None)
        return known.install if known is not None else ""

    def filled(self, text: str, chosen: str | None) -> str:
        """A text of the table for the check of one input."""
        return _filled(text, chosen)

    def folder(self, chosen: str | None) -> str:
        """The folder that the check of one input runs in, relative to the root; empty for the root itself."""
        return _filled(self.cwd, chosen)

    def targets(self, chosen: str | None) -> tuple[str, ...]:
        """The paths that the check of one input judges, relative to its folder."""
        if chosen is not None and self.input_is_path:
            return (chosen,)
        return tuple(_filled(path, chosen) for path in self.paths)

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
        return tuple(_filled(arg, chosen) for arg in self.args)

    def argv(self, chosen: str | None, cache: Path, files: Sequence[str] | None = None) -> tuple[str, ...]:
        """The command of the check of one input, to judge its targets or these files of them."""
        targets = self.targets(chosen) if files is None else files
        if self.adapter is not None:
            own = (self.adapter.file_args or ()) if self.names_files else ()
            args = [arg for arg in own if arg not in self.args]  # which some tools take once
            return tuple(self.adapter.argv(targets, (*args, *self.arguments(chosen)), cache))
        return (*(_filled(word, chosen) for word in self.command), *targets)

    def written(self, chosen: str | None) -> tuple[str, ...]:
        """The resources that the check of one input writes."""
        targets = (self.targets(chosen) or (".",)) if self.changes_files else ()
        reports = (_filled(self.output_file, chosen),) if self.output_file else ()
        return (*self.writes, *(_resource(self.folder(chosen), path) for path in (*targets, *reports)))


def execute(
    spec: CommandSpec,
    *,
    chosen: str | None,
    root: Path,
    scratch: Path,
    cache: Path,
    changes: Changes | None = None,
    streams: Mapping[str, Path] = WITHOUT_NAMES,
) -> Output:
    """Runs the command of one input, its temporary files in `scratch`.

    With `changes` it judges nothing else as far as it can. `streams` are the files for its output, which are kept when
    it is interrupted. `cache` is a folder that lasts from run to run; each check gets its own below it. Raises
    BrokenTool when a path, the program, its input or the file that it is to write is missing, when settings keep a
    known tool from being a check, and when there is no file to judge. Skips the check when the command is optional and
    its program or files are missing, and when none of its files has changed.
    """
    folder = run_folder(spec, chosen, root)
    targets = spec.targets(chosen)
    _refuse_missing_paths(spec, targets, folder)
    if changes is not None:
        targets = changed_targets(spec, chosen, changes, root)
    _refuse_settings(spec, targets, chosen, folder)
    argv = spec.argv(chosen, _private(cache, spec.name, chosen), named_files(spec, targets, folder))
    program = find_program(spec, argv[0], folder, root)
    environment = environment_of(spec, chosen, scratch)
    report = _report(spec, chosen, folder)
    with spec.stdin.of(chosen).opened(root) as stdin:
        output = run_program(spec, program, argv, cwd=folder, env=environment, stdin=stdin, streams=streams)
    listing = listing_arguments(spec, targets, chosen)
    if output.exit_code == 0 and listing and prints_nothing([program, *listing], folder, environment):
        raise nothing_judged(spec, NO_FILE)
    return _separated(spec, output, report)


def run_program(
    spec: CommandSpec,
    program: str,
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    stdin: IO[bytes] | int,
    streams: Mapping[str, Path],
) -> Output:
    """The program's output. Raises BrokenTool when it cannot be started."""
    with stream_file(streams.get("stdout")) as stdout, stream_file(streams.get("stderr")) as stderr:
        try:
            finished = subprocess.run(
                [program, *argv[1:]], cwd=cwd, env=env, stdin=stdin, stdout=stdout, stderr=stderr, check=False
            )
        except OSError as error:
            problem = f"{spec.name}: cannot run {argv[0]}: {error.strerror}"
            raise BrokenTool(problem, hint=f"see {spec.where}") from error
        sent = sent_text(argv, stdin)  # only now: reading it earlier would leave nothing for the program
        return read_output(finished.returncode, sent=sent, stdout=stdout, stderr=stderr)


def locate(program: str, *folders: Path) -> str | None:
    """A program of the environment that runs pytest comes first, then one of the npm packages of these folders.

    After these come those on the search path. A path is one from the first folder.
    """
    is_path = os.path.basename(program) != program
    if is_path:
        file = os.path.join(folders[0], program)
        return file if os.path.exists(file) else None
    packages = (os.path.join(folder, "node_modules", ".bin") for folder in folders)
    ours = os.pathsep.join((os.path.dirname(sys.executable), *packages))
    return shutil.which(program, path=ours) or shutil.which(program)


def run_folder(spec: CommandSpec, chosen: str | None, root: Path) -> Path:
    """The folder that the check of one input runs in. Raises BrokenTool when it does not exist."""
    folder = root / spec.folder(chosen)
    if not os.path.isdir(folder):
        raise BrokenTool(f"{spec.name}: no such folder: {spec.folder(chosen)}", hint=f"see {spec.where}.cwd")
    return folder


def _resource(folder: str, path: str) -> str:
    """A path of a folder as the name of a resource, which has a slash or a dot unlike a plain name."""
    joined = os.path.normpath(os.path.join(folder, path)).replace(os.sep, "/")
    return joined if "/" in joined or "." in joined else f"{joined}/"


def _filled(text: str, chosen: str | None) -> str:
    return text if chosen is None else text.replace(INPUT, chosen)


def _refuse_missing_paths(spec: CommandSpec, paths: Sequence[str], folder: Path) -> None:
    missing = [path for path in paths if not os.path.exists(os.path.join(folder, path))]
    if missing:
        raise BrokenTool(f"{spec.name}: no such path: {', '.join(missing)}", hint=f"see {spec.where}")


def _refuse_settings(spec: CommandSpec, targets: Sequence[str], chosen: str | None, folder: Path) -> None:
    if spec.adapter is None:
        return
    try:
        obstacle = spec.adapter.obstacle(targets, spec.arguments(chosen), folder)
    except NothingJudged as error:
        raise nothing_judged(spec, str(error)) from error
    if obstacle:
        raise BrokenTool(f"{spec.name}: {obstacle}")


def _report(spec: CommandSpec, chosen: str | None, folder: Path) -> Path | None:
    """The file that the command is to write, without that of an earlier run."""
    if not spec.output_file:
        return None
    file = folder / _filled(spec.output_file, chosen)
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


def find_program(spec: CommandSpec, name: str, folder: Path, root: Path) -> str:
    """The program's file. When there is none it skips the check if that is optional, else raises BrokenTool."""
    program = locate(name, folder, root)
    if program is None and spec.optional:
        remedy = f": {spec.install}" if spec.install else ""
        raise pytest.skip.Exception(f"{name} is not installed{remedy}", _use_item_location=True)
    if program is None:
        raise BrokenTool(f"{name} is not installed", hint=_remedy(spec))
    return program


def _remedy(spec: CommandSpec) -> str:
    if spec.install:
        return f"{spec.install}, or skip it with {spec.where}.optional = true"
    return f"install it, correct {spec.where}.command, or skip it with optional = true"


def _private(cache: Path, name: str, chosen: str | None) -> Path:
    digest = hashlib.sha1(repr((name, chosen)).encode(), usedforsecurity=False).hexdigest()
    return cache / digest[:16]


def environment_of(spec: CommandSpec, chosen: str | None, scratch: Path) -> Mapping[str, str]:
    """Our environment and the command's, without variables that would change the parsed output, and with temporary
    files kept apart.

    A known tool imports plugins from the project, and leaves nothing compiled there.
    """
    unset = {"FORCE_COLOR", "CLICOLOR_FORCE", *(spec.adapter.unset if spec.adapter else ())}
    ours = {
        **os.environ,
        "NO_COLOR": "1",
        "PY_COLORS": "0",
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch)),
        **({} if spec.adapter is None else {"PYTHONDONTWRITEBYTECODE": "1"}),
        **{name: _filled(value, chosen) for name, value in spec.env.items()},
    }
    return {name: value for name, value in ours.items() if name not in unset}
