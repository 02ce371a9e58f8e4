"""Mypy. Runs that share a cache disturb each other, so each check has its own.

Its exit code is 1 for notes alone when it prints JSON, so the level of its findings decides. It prints notes about its
settings as text between the JSON, and after it has installed stubs its findings on stderr. Its reports are files: a
setting that names one of JUnit is overridden, one that names another is an error. It passes with half of its
configuration when it does not understand the rest; here that is an error. A version of Python that it no longer knows
is no error: it judges by the one that runs it, and else all projects of a few years' age would be broken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from pytest_parallel_agents.early_bound import os
from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.tool_formats.decoding import decode_lines
from pytest_parallel_agents.tool_formats.output import Output, Unreadable
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.settings import section, upwards, values_of
from pytest_parallel_agents.tools.adapters.splitting import lines_with

_GAVE_UP = 2
_TOO_OLD = r"python_version: Python \S+ is not supported"
_CONFIGURATION = re.compile(rf"^\S[^:\n]*\.(?:ini|toml|cfg): (?!.*{_TOO_OLD}).+", re.MULTILINE)


class _Message(msgspec.Struct):
    file: str
    line: int
    message: str
    severity: Level
    code: str | None = None
    end_line: int | None = None
    hint: str | None = None


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:
    return ["mypy", "--output=json", f"--cache-dir={cache}", *_NO_STUBS, *args, *_PLAIN, "--", *paths]


_NO_STUBS = ("--no-install-types", "--interactive")
_PLAIN = ("--no-pretty", "--no-error-summary", "--no-color-output", "--hide-error-context", "--junit-xml=")
_REPORTS = ("any-exprs", "cobertura-xml", "html", "linecount", "linecoverage", "lineprecision", "txt", "xml")
_FILES = ("mypy.ini", ".mypy.ini", "pyproject.toml", "setup.cfg")


def _obstacle(paths: Sequence[str], args: Sequence[str], folder: Path) -> str | None:  # noqa: ARG001 - an Obstacle
    named = [folder / file for file in values_of("--config-file", args)]
    for file in named or _settings_files(folder):
        settings = section(file, "mypy")
        if settings is not None:
            report = next((key for key in settings if key.endswith(("_report", "_stats"))), None)
            remedy = "remove it, and run mypy as a command of its own for its reports"
            return report and f"{file.name}: {report} of the section mypy makes it write files ({remedy})"
    return None


def _settings_files(folder: Path) -> Iterator[Path]:
    """Files that it takes for settings: in the folder, around it, and in those of the user."""
    yield from (around / file for around in upwards(folder) for file in _FILES)
    own = os.environ.get("XDG_CONFIG_HOME")
    users = (*filter(None, [own and f"{own}/mypy/config"]), "~/.config/mypy/config", "~/.mypy.ini")
    yield from (Path(os.path.expanduser(file)) for file in users)


def read(output: Output, root: Path) -> Evidence:
    misread = _CONFIGURATION.search(output.stderr)
    if misread:
        raise Unreadable(f"it does not understand its configuration: {misread.group()}")
    lines = f"{output.stdout}\n{_split(output.stderr)[0]}"
    findings = tuple(_finding(message, root) for message in decode_lines(lines, _Message))
    if output.exit_code == _GAVE_UP and not any(finding.rule == "syntax" for finding in findings):
        raise Unreadable(f"{output.reason() or 'it is not known why'} (it gave up)")
    return Evidence(findings=findings)


def _finding(message: _Message, root: Path) -> Finding:
    located = message.line > 0
    return Finding(
        rule=message.code or "mypy",
        level=message.severity,
        message=message.message + (f"\n{message.hint}" if message.hint else ""),
        path=place(message.file, root),
        line=message.line if located else None,
        end_line=message.end_line if located else None,
    )


_split = lines_with('{"file": ')

MYPY = Adapter(
    name="mypy",
    install="pip install mypy",
    argv=argv,
    read=read,
    codes=frozenset({0, 1, 2}),
    fail_on=Level.ERROR,
    types=("*.py", "*.pyi"),
    writing=frozenset({"--install-types"}),
    refused=frozenset({"--output", "-O", "--junit-xml", *(f"--{name}-report" for name in (*_REPORTS, "xslt-html"))})
    | {"--xslt-txt-report", "--timing-stats", "--line-checking-stats", "-V"},
    abbreviates=True,
    unset=frozenset({"MYPY_CACHE_DIR"}),
    obstacle=_obstacle,
    split=_split,
    nothing=re.compile(r"There are no \.py\[i\] files in .*"),
    exit_fails=False,
)
