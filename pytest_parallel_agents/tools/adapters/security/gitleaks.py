"""Gitleaks 8.19 and newer: secrets in files as they are. Like the tool itself a check fails on any leak.

It knows no levels, so each leak is an error. Leaks and its own failures have one exit code unless it is given another
for leaks. It never prints a secret.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.tool_formats.decoding import decode
from pytest_parallel_agents.tool_formats.output import Output
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.splitting import document_with

_LEAKS = 65


class _Leak(msgspec.Struct, rename="pascal"):
    rule_id: str = msgspec.field(name="RuleID")
    file: str
    start_line: int
    end_line: int
    description: str = ""


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:  # noqa: ARG001 - it caches nothing
    report = ("--report-format=json", "--report-path=-", "--redact")
    return ["gitleaks", "dir", *report, f"--exit-code={_LEAKS}", "--no-banner", "--no-color", *args, "--", *paths]


def read(output: Output, root: Path) -> Evidence:
    leaks = decode(output.stdout, list[_Leak] | None) or []
    return Evidence(findings=tuple(_finding(leak, root) for leak in leaks))


def _finding(leak: _Leak, root: Path) -> Finding:
    return Finding(
        rule=leak.rule_id,
        level=Level.ERROR,
        message=leak.description or "a secret",
        path=place(leak.file, root),
        line=leak.start_line or None,
        end_line=leak.end_line or None,
    )


GITLEAKS = Adapter(
    name="gitleaks",
    install='what is on https://github.com/gitleaks/gitleaks/releases, or "brew install gitleaks"',
    argv=argv,
    read=read,
    codes=frozenset({0, _LEAKS}),
    paths=(".",),
    refused=frozenset({"--report-path", "-r", "--report-format", "-f", "--report-template", "--exit-code"}),
    split=document_with("RuleID", "StartLine"),
    nothing=re.compile(r"\bscanned ~0 bytes"),
)
