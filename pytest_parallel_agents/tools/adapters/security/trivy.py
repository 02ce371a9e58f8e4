"""Trivy: vulnerabilities, misconfigurations and secrets in a folder of files. A check fails on anything that it
reports.

Trivy passes unless it is given an exit code, so the check gives it one. Its severities low and unknown are notes,
medium is a warning, high and critical are errors. Its database of vulnerabilities is shared by all runs of a user, and
loading it needs the network.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Literal

import msgspec

from pytest_parallel_agents.early_bound import os
from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.tool_formats.decoding import decode
from pytest_parallel_agents.tool_formats.output import Output
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.splitting import document_with

_FOUND = 65
_LEVELS = {
    "UNKNOWN": Level.NOTE,
    "LOW": Level.NOTE,
    "MEDIUM": Level.WARNING,
    "HIGH": Level.ERROR,
    "CRITICAL": Level.ERROR,
}


class _Shape(msgspec.Struct, rename="pascal", kw_only=True):
    severity: Literal["UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL"] = "UNKNOWN"
    title: str = ""


class _Vulnerability(_Shape, kw_only=True):
    id: str = msgspec.field(name="VulnerabilityID")
    pkg_name: str = ""
    installed_version: str = ""
    fixed_version: str = ""


class _Lines(msgspec.Struct, rename="pascal"):
    start_line: int = 0
    end_line: int = 0


class _Misconfiguration(_Shape, kw_only=True):
    id: str = msgspec.field(name="ID")
    message: str = ""
    status: str = "FAIL"
    cause_metadata: _Lines = msgspec.field(default_factory=_Lines)


class _Secret(_Shape, kw_only=True):
    id: str = msgspec.field(name="RuleID")
    start_line: int = 0
    end_line: int = 0


class _License(_Shape, kw_only=True):
    name: str = ""
    pkg_name: str = ""
    file_path: str = ""


class _Result(msgspec.Struct, rename="pascal"):
    target: str
    vulnerabilities: list[_Vulnerability] = []
    misconfigurations: list[_Misconfiguration] = []
    secrets: list[_Secret] = []
    licenses: list[_License] = []


class _Document(msgspec.Struct, rename="pascal"):
    schema_version: Literal[2]
    artifact_name: str
    results: list[_Result] | None = None


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:  # noqa: ARG001 - its database is big
    report = ("--format=json", "--output=", f"--exit-code={_FOUND}", "--quiet")
    return ["trivy", "filesystem", *report, *args, "--", *paths]


def read(output: Output, root: Path) -> Evidence:
    document = decode(output.stdout, _Document)
    scanned = os.path.join(root, document.artifact_name)
    folder = scanned if os.path.isdir(scanned) else os.path.dirname(scanned)
    results = document.results or []
    return Evidence(findings=tuple(chain.from_iterable(_findings(result, folder, root) for result in results)))


def _findings(result: _Result, folder: str, root: Path) -> Iterator[Finding]:
    target = os.path.join(folder, result.target)
    path = place(target, root) if os.path.exists(target) else None  # else it is the name of a kind of packages
    for known in result.vulnerabilities:
        fixed = f"fixed in {known.fixed_version}" if known.fixed_version else "not fixed in any version"
        message = f"{known.pkg_name} {known.installed_version} is vulnerable, {fixed}: {known.title}"
        yield Finding(rule=known.id, level=_LEVELS[known.severity], message=message, path=path)
    for wrong in result.misconfigurations:
        if wrong.status == "FAIL":
            yield _located(wrong, wrong.id, wrong.message or wrong.title, path, wrong.cause_metadata)
    for secret in result.secrets:
        yield _located(secret, secret.id, secret.title, path, _Lines(secret.start_line, secret.end_line))
    for license_ in result.licenses:
        message = f"{license_.pkg_name or license_.file_path or result.target} has the license {license_.name}"
        yield Finding(rule="license", level=_LEVELS[license_.severity], message=message, path=path)


def _located(found: _Shape, rule: str, message: str, path: str | None, lines: _Lines) -> Finding:
    return Finding(
        rule=rule,
        level=_LEVELS[found.severity],
        message=message,
        path=path,
        line=lines.start_line or None,
        end_line=lines.end_line or None,
    )


TRIVY = Adapter(
    name="trivy",
    install="what is on https://trivy.dev/latest/getting-started/installation",
    argv=argv,
    read=read,
    codes=frozenset({0, _FOUND}),
    paths=(".",),
    refused=frozenset(
        {"--format", "-f", "--output", "-o", "--template", "-t", "--exit-code", "--generate-default-config"}
    ),
    split=document_with("SchemaVersion", "ArtifactName"),
)
