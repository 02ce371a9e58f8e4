"""Codespell 2.4 and newer. It has no machine's language, so its lines are read.

Like the tool itself a check fails on any misspelling. Codespell passes over files that it may not read; here they are
an error. Text that is no UTF-8 it takes for Latin-1, and binary files say nothing to it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pytest_parallel_agents.agents.adapters.adapter import Adapter
from pytest_parallel_agents.agents.formats.decoding import match_lines
from pytest_parallel_agents.agents.output import Output, Unreadable
from pytest_parallel_agents.agents.places import place
from pytest_parallel_agents.model import Evidence, Finding, Level

_MISSPELLED = re.compile(r"(?P<path>.+?)(?::(?P<line>\d+))?: (?P<message>[^:]+ ==> .+)")
_SETTINGS = re.compile(r"\AUsed config files:\n(?: +\d+: .*\n)*")
_SUMMARY = "\n-------8<-------\n"
_FAILED = re.compile(r"^(?:ERROR: |WARNING: (?!Binary file|Cannot decode|Trying next)).+", re.MULTILINE)


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:  # noqa: ARG001 - it caches nothing
    return ["codespell", "--disable-colors", *args, "--", *paths]


def read(output: Output, root: Path) -> Evidence:
    failed = _FAILED.search(output.stderr)
    if failed:
        raise Unreadable(failed.group())
    lines = _SETTINGS.sub("", output.stdout).partition(_SUMMARY)[0]
    return Evidence(findings=tuple(_finding(match, root) for match in match_lines(lines, _MISSPELLED)))


def _finding(match: re.Match[str], root: Path) -> Finding:
    return Finding(
        rule="misspelling",
        level=Level.WARNING,
        message=match["message"],
        path=place(match["path"], root),
        line=int(match["line"]) if match["line"] else None,
    )


CODESPELL = Adapter(
    name="codespell",
    install='pip install "codespell>=2.4"',
    argv=argv,
    read=read,
    codes=frozenset({0, 65}),
)
