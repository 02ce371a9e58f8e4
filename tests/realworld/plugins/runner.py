"""Runs the suite of one plugin serially, forked and with fresh interpreters, and says what differs."""

from __future__ import annotations

import difflib
import os
import shutil
import subprocess
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import partial
from pathlib import Path

import pytest

from benchmarks import junit
from tests.realworld.plugins import normal
from tests.realworld.plugins.case import TRANSPORTS, Case

_LIMIT_SECONDS = 120
_ENDED = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED)
_IN_A_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
_NOT_COMPARED = ("*/__pycache__/*", "__pycache__/*", ".pytest_cache/*", "*/.pytest_cache/*", ".git/*", "*.pyc")
_INHERITED = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """How one run ended."""

    exit_code: int
    tests: junit.Suite
    files: Mapping[str, str]
    terminal: Mapping[str, Sequence[str]]
    output: str


def compare(case: Case, python: Path, folder: Path) -> dict[str, dict[str, str]]:
    """By transport, what differs from the serial run: a readable text for each aspect."""
    serial = run(case, python, folder / "0", ())
    broken = [observed.output for observed in serial if observed.exit_code not in _ENDED]
    assert not broken, broken[0]
    return {
        transport: _all_differences(
            serial, run(case, python, folder / str(number), ("--agents", "-n2", f"--tx={transport}"))
        )
        for number, transport in enumerate(TRANSPORTS, 1)
    }


def undeclared(case: Case, found: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """What is not as the case declares: a difference that it does not know, or one that is no longer there."""
    problems = {}
    for transport, aspects in found.items():
        known = case.differs[transport].shows if transport in case.differs else {}
        for aspect in sorted(aspects.keys() | known.keys()):
            if aspect not in aspects:
                problems[f"{transport}: {aspect}"] = "is as serial, and the case says that it differs"
            elif aspect not in known or known[aspect] not in aspects[aspect]:
                problems[f"{transport}: {aspect}"] = aspects[aspect]
    return problems


def run(case: Case, python: Path, home: Path, arguments: Sequence[str]) -> list[Observed]:
    """Every run of the case, in one folder of its own below `home`."""
    folder = home / "suite"
    for name, source in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(source).lstrip("\n"), "utf-8")
    (home / "tmp").mkdir()
    return [
        _run_once(case, python, folder, [*arguments, *own], case.before.get(number, ""))
        for number, own in enumerate(case.runs)
    ]


def _run_once(case: Case, python: Path, folder: Path, arguments: Sequence[str], before: str) -> Observed:
    home = folder.parent
    environment = _environment(case, home)
    if before:
        subprocess.run([python, "-c", textwrap.dedent(before)], cwd=folder, env=environment, check=True)
    shutil.rmtree(
        folder / ".pytest_cache" / "d" / "parallel-agents", ignore_errors=True
    )  # or short runs need no worker
    report = home / "junit.xml"
    report.unlink(missing_ok=True)
    plugins = [f"-p{name}" for name in ("xdist", "parallel_agents", *case.load)]
    finished = subprocess.run(
        [
            python,
            *(["-c", _IN_A_TERMINAL, str(python)] if case.tty else []),
            "-m",
            "pytest",
            *plugins,
            f"--junitxml={report}",
            *arguments,
        ],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=_LIMIT_SECONDS,
        check=False,
    )
    output = normal.text(normal.without_colours(finished.stdout), folder, case.volatile)
    return Observed(
        exit_code=finished.returncode,
        tests=_tests(case, folder, report),
        files=_files(case, folder),
        terminal=normal.sections(output, case.shown),
        output=output,
    )


def _tests(case: Case, folder: Path, report: Path) -> junit.Suite:
    if not report.exists():
        return junit.Suite(counts=dict.fromkeys(junit.COUNTS, 0), cases={})
    said = report.read_text("utf-8")
    for path, name in ((folder, "folder"), (folder.parent, "home")):
        said = said.replace(str(path), f"&lt;{name}&gt;")
    suite = junit.parse(said)
    plain = partial(normal.text, folder=folder, volatile=case.volatile)
    tests = {
        name: tuple(replace(found, message=plain(found.message), output=plain(found.output)) for found in of_name)
        for name, of_name in suite.cases.items()
    }
    return replace(suite, cases=tests)


def _environment(case: Case, home: Path) -> Mapping[str, str]:
    """Nothing that could be different on another machine."""
    return {
        **{name: os.environ[name] for name in _INHERITED if name in os.environ},
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "COLUMNS": "120",
        "NO_COLOR": "1",
        **case.environment,
    }


def _files(case: Case, folder: Path) -> Mapping[str, str]:
    """What each file holds; those whose names are the same without what is volatile are one."""
    plain = partial(normal.text, folder=folder, volatile=case.volatile)
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not any(fnmatch(name, pattern) for pattern in (*_NOT_COMPARED, *case.ignored)):
            said = path.read_text("utf-8", errors="replace")
            read = next((read for pattern, read in case.readers.items() if fnmatch(name, pattern)), str)
            found.setdefault(plain(name), []).append(normal.content(read(said), plain))
    return {name: "\n".join(sorted(contents)) for name, contents in found.items()}


def _all_differences(serial: Sequence[Observed], ours: Sequence[Observed]) -> dict[str, str]:
    several = len(serial) > 1
    return {
        (f"run {number}: {aspect}" if several else aspect): shown
        for number, (left, right) in enumerate(zip(serial, ours, strict=True), 1)
        for aspect, shown in _differences(left, right)
    }


def _differences(serial: Observed, ours: Observed) -> Iterator[tuple[str, str]]:
    if serial.exit_code != ours.exit_code:
        yield "exit code", f"serial {serial.exit_code}, here {ours.exit_code}"
    if found := junit.differences(serial.tests, ours.tests):
        yield "tests", "\n".join(found)
    for name in sorted(serial.files.keys() | ours.files.keys()):
        if shown := _diff(serial.files.get(name), ours.files.get(name)):
            yield f"file {name}", shown
    for title in sorted(serial.terminal.keys() | ours.terminal.keys()):
        if shown := _diff(_joined(serial.terminal.get(title)), _joined(ours.terminal.get(title))):
            yield f"section {title}", shown


def _joined(lines: Sequence[str] | None) -> str | None:
    return None if lines is None else "\n".join(lines)


def _diff(serial: str | None, ours: str | None) -> str:
    if serial is None or ours is None:
        return (
            "" if serial == ours else ("only here:\n" + ours if ours is not None else "only serially:\n" + str(serial))
        )
    return "\n".join(difflib.unified_diff(serial.splitlines(), ours.splitlines(), "serial", "here", lineterm="", n=0))
