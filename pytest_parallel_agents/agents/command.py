"""A check that is a command: run it, then make sense of what it said."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
import pytest
from msgspec.structs import replace

from pytest_parallel_agents.agents.adapters.adapter import Adapter
from pytest_parallel_agents.agents.changes import Changes, OnlyChanged
from pytest_parallel_agents.agents.file_types import files_of
from pytest_parallel_agents.agents.formats import exit_code
from pytest_parallel_agents.agents.output import MOST_MEBIBYTES, NothingJudged, Output, Reader, read_output
from pytest_parallel_agents.agents.stdin import INPUT, Stdin, sent_text
from pytest_parallel_agents.agents.streams import WITHOUT_NAMES, stream_file
from pytest_parallel_agents.early_bound import os, shutil, signal, subprocess
from pytest_parallel_agents.errors import BrokenTool
from pytest_parallel_agents.excerpts import cut
from pytest_parallel_agents.model import Evidence, Level

_UNCHANGED: Final = "nothing that it judges has changed"
_LONGEST_PATHS: Final = 20_000
"""Characters of changed files that are named one by one: Windows takes 32,767 in all. Beyond, the tool judges all."""

_LONGEST: Final = 2000
"""Characters of what is said of an output that cannot be read, which may quote a line of it."""


class CommandSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A configured command. `where` names its table in messages; `line` is that table's, from 1, if it was found.

    With an `adapter` the command is the adapter's and `args` are added to it, otherwise `command` is all of it. With
    `quotes_stdout` its standard output says something to people too.
    `inputs` holds one input for each check, None for one without. The fields from `reads` on mean what they mean in
    the mark; `retry_pause` is in seconds.
    """

    name: str
    where: str
    line: int | None
    kind: str
    adapter: Adapter | None
    command: tuple[str, ...]
    args: tuple[str, ...]
    stdin: Stdin
    only_changed: OnlyChanged
    read: Reader
    quotes_stdout: bool
    fail_on: Level
    paths: tuple[str, ...]
    inputs: tuple[str | None, ...]
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

    @property
    def tells_findings(self) -> bool:
        """Whether its output tells what it found from what kept it from working, as an exit code alone does not."""
        return self.read is not exit_code.read

    def targets(self, chosen: str | None) -> tuple[str, ...]:
        """The paths that the check of one input judges. A known tool takes its input for the path."""
        return self.paths if chosen is None or self.adapter is None else (chosen,)

    @property
    def names_files(self) -> bool:
        """Whether changed files take the place of its paths; else it runs as ever, and its findings are chosen from."""
        if self.only_changed.by_line or not self.only_changed.base:
            return False
        return bool(self.paths) if self.adapter is None else self.adapter.file_args is not None

    @property
    def types(self) -> tuple[str, ...]:
        """Those of the files that it judges; none for all."""
        judged = self.adapter.types if self.adapter is not None else ()
        return judged if self.only_changed.types is None else self.only_changed.types

    def argv(self, chosen: str | None, cache: Path, files: Sequence[str] | None = None) -> tuple[str, ...]:
        """The command of the check of one input, to judge its targets or these files of them."""
        targets = self.targets(chosen) if files is None else files
        if self.adapter is not None:
            own = (self.adapter.file_args or ()) if self.names_files else ()
            args = [arg for arg in own if arg not in self.args]  # which some tools take once
            return tuple(self.adapter.argv(targets, (*args, *self.args), cache))
        words = self.command if chosen is None else tuple(word.replace(INPUT, chosen) for word in self.command)
        return (*words, *targets)


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
    """Run the command of one input in `root`, its temporary files in `scratch`.

    With `changes` it judges nothing else as far as it can. `streams` are the files for its output, which stay when
    it is interrupted. `cache` is a folder that lasts from run to run; each check gets its own below it. Raises
    BrokenTool when a path, the program or what it is to read is missing, and when there is no file to judge. Skips the
    check when the command is optional and its program or files are missing, and when nothing has changed that concerns
    it.
    """
    targets = spec.targets(chosen)
    _refuse_missing_paths(spec, targets, root)
    if changes is not None:
        targets = _changed(spec, targets, changes, root)
    argv = spec.argv(chosen, _private(cache, spec.name, chosen), _files(spec, targets, root))
    program = _program(spec, argv[0], root)
    try:
        with (
            spec.stdin.of(chosen).open(root) as stdin,
            stream_file(streams.get("stdout")) as stdout,
            stream_file(streams.get("stderr")) as stderr,
        ):
            finished = subprocess.run(
                [program, *argv[1:]],
                cwd=root,
                env=_environment(scratch),
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                check=False,
            )
            output = read_output(finished.returncode, sent=sent_text(argv, stdin), stdout=stdout, stderr=stderr)
        if output.exit_code == 0 and _lists_nothing(spec, targets, root=root, program=program, scratch=scratch):
            raise _nothing_checked(spec, f"{spec.name}: it has found no file to judge")
    except OSError as error:
        raise BrokenTool(f"{spec.name}: cannot run {argv[0]}: {error.strerror}", hint=f"see {spec.where}") from error
    return output


def interpret(spec: CommandSpec, output: Output, *, root: Path) -> Evidence:
    """What the command found and measured. Raises BrokenTool, with the output's end, when it did not do its work."""
    if output.exit_code < 0:
        raise _broken(spec, output, f"ended by {_signal_name(-output.exit_code)}")
    if spec.adapter is not None and output.exit_code not in spec.adapter.codes:
        raise _broken(spec, output, f"broke off with exit code {output.exit_code}")
    if output.cut and spec.tells_findings:
        raise _broken(spec, output, f"more than {MOST_MEBIBYTES} MiB on {' and '.join(output.cut)}, too much to read")
    try:
        evidence = spec.read(output, root)
    except NothingJudged as error:
        raise _nothing_checked(spec, "\n".join(filter(None, (f"{spec.name}: {error}", output.tail())))) from error
    except ValueError as error:  # Unreadable, or what a parser raised
        raise _broken(spec, output, f"exit code {output.exit_code}, and {cut(str(error), _LONGEST)}") from error
    if output.exit_code != 0 and not evidence.findings:
        raise _broken(spec, output, f"exit code {output.exit_code}, yet it names no finding")
    return replace(evidence, findings=tuple(replace(f, rule=f.rule or spec.name) for f in evidence.findings))


def _changed(spec: CommandSpec, targets: tuple[str, ...], changes: Changes, root: Path) -> tuple[str, ...]:
    """What of the targets is to be judged: the changed files in them, unless it must see the others too."""
    files = changes.among(targets, spec.types, root)
    if not files:
        where = f" in {', '.join(targets)}" if targets else ""
        raise pytest.skip.Exception(f"{_UNCHANGED} since {changes.base}{where}", _use_item_location=True)
    return files if spec.names_files and sum(map(len, files)) <= _LONGEST_PATHS else targets


def _files(spec: CommandSpec, targets: tuple[str, ...], root: Path) -> tuple[str, ...]:
    """The targets as the tool takes them."""
    if spec.adapter is None or spec.adapter.takes_folders:
        return targets
    files = tuple(files_of(targets, spec.adapter.types, root))
    if not files:
        raise _nothing_checked(spec, f"{spec.name}: it has found no file to judge")
    return files


def _lists_nothing(spec: CommandSpec, targets: Sequence[str], *, root: Path, program: str, scratch: Path) -> bool:
    """Whether a tool that passes when there is no file to judge says so when it is asked for them."""
    listing = spec.adapter.listing if spec.adapter is not None else None
    if listing is None:
        return False
    _, *words = listing(targets, spec.args)
    environment = _environment(scratch)
    listed = subprocess.run(
        [program, *words], cwd=root, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    return listed.returncode == 0 and not listed.stdout.strip()


def _nothing_checked(spec: CommandSpec, problem: str) -> BaseException:
    """What becomes of a check that had nothing to judge."""
    if spec.names_files:
        reason = f"{_UNCHANGED} since {spec.only_changed.base}"
        return pytest.skip.Exception(reason, _use_item_location=True)
    if spec.optional:
        return pytest.skip.Exception(problem, _use_item_location=True)
    return BrokenTool(problem, hint=f"correct {spec.where}.paths, or skip it with {spec.where}.optional = true")


def _refuse_missing_paths(spec: CommandSpec, paths: Sequence[str], root: Path) -> None:
    missing = [path for path in paths if not os.path.exists(os.path.join(root, path))]
    if missing:
        raise BrokenTool(f"{spec.name}: no such path: {', '.join(missing)}", hint=f"see {spec.where}")


def _program(spec: CommandSpec, name: str, root: Path) -> str:
    program = locate(name, root)
    if program is None and spec.optional:
        raise pytest.skip.Exception(f"{name} is not installed", _use_item_location=True)
    if program is None:
        raise BrokenTool(f"{name} is not installed", hint=_remedy(spec))
    return program


def _remedy(spec: CommandSpec) -> str:
    if spec.adapter is not None:
        return f"{spec.adapter.install}, or skip it with {spec.where}.optional = true"
    return f"install it, correct {spec.where}.command, or skip it with optional = true"


def locate(program: str, root: Path) -> str | None:
    """A program of the environment that runs pytest comes first, then one of the project's npm packages.

    After these come those on the search path.
    """
    is_path = os.path.basename(program) != program
    if is_path:
        file = os.path.join(root, program)
        return file if os.path.exists(file) else None
    ours = os.pathsep.join((os.path.dirname(sys.executable), os.path.join(root, "node_modules", ".bin")))
    return shutil.which(program, path=ours) or shutil.which(program)


def _private(cache: Path, name: str, chosen: str | None) -> Path:
    digest = hashlib.sha1(repr((name, chosen)).encode(), usedforsecurity=False).hexdigest()
    return cache / digest[:16]


def _environment(scratch: Path) -> Mapping[str, str]:
    """Ours, but without colours, which would end up in what is parsed, and with temporary files kept apart."""
    plain = {name: value for name, value in os.environ.items() if name not in {"FORCE_COLOR", "CLICOLOR_FORCE"}}
    return {**plain, "NO_COLOR": "1", "PY_COLORS": "0", **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))}


def _broken(spec: CommandSpec, output: Output, problem: str) -> BrokenTool:
    return BrokenTool("\n".join(filter(None, (f"{spec.name}: {problem}", output.tail()))))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
