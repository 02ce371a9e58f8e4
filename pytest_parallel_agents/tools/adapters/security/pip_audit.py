"""Pip-audit: known vulnerabilities of the installed packages, or of what is required by a project.

Without paths it audits the environment that it is installed in. A path that ends in `.txt` or `.in` is a requirements
file, any other one the folder of a project. Its findings are in packages, so they have no path. Packages that it cannot
audit, such as those that PyPI does not have, are notes; that it could audit none at all is an error. It asks a server,
so it waits more than it computes. Its cache of answers is the check's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path, PurePath

import msgspec

from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.tool_formats.decoding import decode
from pytest_parallel_agents.tool_formats.output import Output, Unreadable
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.splitting import document_with

_REQUIREMENTS = frozenset({".txt", ".in"})


class _Vulnerability(msgspec.Struct):
    id: str
    fix_versions: list[str]
    aliases: list[str] = []


class _Package(msgspec.Struct):
    name: str
    version: str = ""
    skip_reason: str = ""
    vulns: list[_Vulnerability] = []


class _Document(msgspec.Struct):
    dependencies: list[_Package]


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:
    requirements = [f"--requirement={path}" for path in paths if PurePath(path).suffix in _REQUIREMENTS]
    projects = [path for path in paths if PurePath(path).suffix not in _REQUIREMENTS]
    options = ("--format=json", "--progress-spinner=off", f"--cache-dir={cache}")
    return ["pip-audit", *options, *requirements, *args, "--", *projects]


def read(output: Output, root: Path) -> Evidence:  # noqa: ARG001 - packages are not in the project
    if not output.stdout.strip():
        raise Unreadable("it gave up")
    packages = decode(output.stdout, _Document).dependencies
    if packages and all(package.skip_reason for package in packages):
        raise Unreadable(f"it could audit nothing: {packages[0].skip_reason}")
    return Evidence(findings=tuple(chain.from_iterable(map(_findings, packages))))


def _findings(package: _Package) -> Iterator[Finding]:
    if package.skip_reason:
        yield Finding(rule="skipped", level=Level.NOTE, message=f"{package.name}: {package.skip_reason}")
    for known in package.vulns:
        aliases = f", also known as {', '.join(sorted(known.aliases))}" if known.aliases else ""
        fixed = f"fixed in {', '.join(known.fix_versions)}" if known.fix_versions else "not fixed in any version"
        message = f"{package.name} {package.version} is vulnerable{aliases}; {fixed}"
        yield Finding(rule=known.id, level=Level.ERROR, message=message)


PIP_AUDIT = Adapter(
    name="pip-audit",
    install="pip install pip-audit",
    argv=argv,
    read=read,
    fail_on=Level.WARNING,
    cpus=0,
    writing=frozenset({"--fix"}),
    refused=frozenset({"--format", "-f", "--output", "-o", "--dry-run", "-d"}),
    abbreviates=True,
    unset=frozenset({"PIP_AUDIT_FORMAT", "PIP_AUDIT_OUTPUT"}),
    split=document_with("dependencies"),
)
