"""Runs the command of a check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from msgspec.structs import replace

from pytest_parallel_agents.early_bound import io, os, subprocess
from pytest_parallel_agents.errors import BrokenTool
from pytest_parallel_agents.tool_formats.output import Output, broken, read_output, read_report
from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.early.client import Ran
from pytest_parallel_agents.tools.invocation import Invocation
from pytest_parallel_agents.tools.kept_answers import AnswerInputs
from pytest_parallel_agents.tools.preparation import prepared
from pytest_parallel_agents.tools.program import Program, fingerprint
from pytest_parallel_agents.tools.stdin import filled, sent_text
from pytest_parallel_agents.tools.streams import stream_file
from pytest_parallel_agents.tools.targets import NO_FILE, listing_arguments, nothing_judged, prints_nothing


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

        inputs = AnswerInputs(spec=spec, program=program, stdin=stdin)
        output = invocation.answers.ask(inputs, invocation.scratch, run)
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
