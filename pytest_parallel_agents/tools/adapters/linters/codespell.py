"""Codespell 2.4 and newer. It has no machine-readable format, so its lines are parsed.

Like the tool itself a check fails on any misspelling. Codespell skips files that it may not read; here they are an
error. Text that is not UTF-8 it takes for Latin-1, and binary files it ignores. A setting that makes it rewrite files
is an error, since no argument overrides it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.tool_formats.decoding import match_lines
from pytest_parallel_agents.tool_formats.output import NothingJudged, Output, Unreadable
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.settings import holds_file, section, values_of
from pytest_parallel_agents.tools.writing import has_flag

_MISSPELLED = re.compile(r"(?P<path>.+?)(?::(?P<line>\d+))?: (?P<message>[^:]+ ==> .+)")
_SETTINGS = re.compile(r"\AUsed config files:\n(?: +\d+: .*\n)*")
_CONTEXT = (": ", "> ")
"""Beginnings of the lines around a misspelling, which settings may add."""
_SUMMARY = "\n-------8<-------\n"
_FAILED = re.compile(r"^(?:ERROR: |WARNING: (?!Binary file|Cannot decode|Trying next)).+", re.MULTILINE)


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:  # noqa: ARG001 - it caches nothing
    return ["codespell", "--interactive=0", *args, "--disable-colors", "--", *paths]


def _obstacle(paths: Sequence[str], args: Sequence[str], folder: Path) -> str | None:
    if paths and not holds_file(folder, paths):
        raise NothingJudged("it has found no file to check")
    if has_flag(_WRITING, args, abbreviated=True, clustered=True):
        return None
    names = ("pyproject.toml", *values_of("--toml", args), "setup.cfg", ".codespellrc", *values_of("--config", args))
    for name in names:
        for key, value in (section(folder / name, "codespell") or {}).items():
            if value is not False and key and _WRITES.startswith(key):
                remedy = f'remove it, or write args = ["--{_WRITES}"] if it is to change files while nothing else runs'
                return f"{name}: {key} of the section codespell makes it change files ({remedy})"
    return None


def read(output: Output, root: Path) -> Evidence:
    failed = _FAILED.search(output.stderr)
    if failed:
        raise Unreadable(failed.group())
    text = _SETTINGS.sub("", output.stdout).partition(_SUMMARY)[0]
    lines = "\n".join(line for line in text.splitlines() if not line.startswith(_CONTEXT))
    return Evidence(findings=tuple(_finding(match, root) for match in match_lines(lines, _MISSPELLED)))


def _finding(match: re.Match[str], root: Path) -> Finding:
    return Finding(
        rule="misspelling",
        level=Level.WARNING,
        message=match["message"],
        path=place(match["path"], root),
        line=int(match["line"]) if match["line"] else None,
    )


_WRITES = "write-changes"
_WRITING = frozenset({f"--{_WRITES}", "-w", "--interactive", "-i"})

CODESPELL = Adapter(
    name="codespell",
    install='pip install "codespell>=2.4"',
    argv=argv,
    read=read,
    codes=frozenset({0, 65}),
    writing=_WRITING,
    abbreviates=True,
    obstacle=_obstacle,
)
