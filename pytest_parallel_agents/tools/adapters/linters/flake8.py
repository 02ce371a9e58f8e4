"""Flake8, with whatever plugins it has. Like the tool itself a check fails on anything that it reports.

Its settings for what it prints, and where, are overridden by a file of ours that it reads after them. It passes where
there is no file to check; it reports how many it has checked with its timings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.tool_formats.output import NothingJudged, Output
from pytest_parallel_agents.tools.adapters.adapter import Adapter

_SETTINGS = Path(__file__).with_name("flake8.cfg")
_FORMAT = "%(path)s:%(row)d:%(col)d: %(code)s %(text)s"
_PROBLEM = re.compile(r"^(?P<path>.+?):(?P<line>\d+):\d+: (?P<rule>[A-Z]+\d+) (?P<message>.*)$", re.MULTILINE)
_NO_FILE = re.compile(r"^0 +(?:total )?files processed$", re.MULTILINE)


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:  # noqa: ARG001 - it caches nothing
    ours = (
        f"--append-config={_SETTINGS}",
        f"--format={_FORMAT}",
        "--color=never",
        "--no-show-source",
        "--output-file=",
    )
    return ["flake8", "--jobs=1", *args, *ours, "--benchmark", "--", *paths]


def read(output: Output, root: Path) -> Evidence:
    if _NO_FILE.search(output.stdout):
        raise NothingJudged("it has found no file to judge")
    return Evidence(findings=tuple(_findings(output.stdout, root)))


def _findings(text: str, root: Path) -> Iterator[Finding]:
    for match in _PROBLEM.finditer(text):
        yield Finding(
            rule=match["rule"],
            level=Level.ERROR,
            message=match["message"],
            path=place(match["path"], root),
            line=int(match["line"]) or None,
        )


FLAKE8 = Adapter(
    name="flake8",
    install='pip install "flake8>=6"',
    argv=argv,
    read=read,
    paths=(".",),
    types=("*.py",),
    refused=frozenset({"--quiet", "-q", "--bug-report"}),
    abbreviates=True,
)
