"""Fingerprints that stay the same when a finding moves to another line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from hashlib import sha1
from pathlib import Path

from msgspec.structs import replace

from pytest_parallel_agents.convergence.functions import Entities
from pytest_parallel_agents.model.results import Finding
from pytest_parallel_agents.project_paths import source


def fingerprinted(findings: Iterable[Finding], root: Path) -> tuple[Finding, ...]:
    """The findings, each with its fingerprint: a hash of rule, path, enclosing function and text of the line.

    White space in the line does not count. A finding whose line cannot be read is known by its message, less the
    numbers in it, which may be lines; one that names no file by all of its message. Findings that are alike are
    numbered in the order of their lines, so that one more of them is seen as new.
    """
    found = tuple(findings)
    paths = {finding.path for finding in found if finding.path is not None}
    sources = {path: source(path, root) for path in paths}
    lines = {path: text.split("\n") for path, text in sources.items()}
    entities = Entities(sources)
    digests = [_digest(finding, lines, entities) for finding in found]
    seen: Counter[str] = Counter()
    stamps: dict[int, str] = {}
    for number in sorted(range(len(found)), key=lambda number: (found[number].line or 0, found[number].message)):
        seen[digests[number]] += 1
        stamps[number] = f"{digests[number]}:{seen[digests[number]]}"
    return tuple(replace(finding, fingerprint=stamps[number]) for number, finding in enumerate(found))


def _digest(finding: Finding, lines: dict[str, list[str]], entities: Entities) -> str:
    path, function = finding.path, ""
    if path is None:
        text = finding.message
    elif finding.line is not None and 0 < finding.line <= len(lines[path]):
        text = "".join(lines[path][finding.line - 1].split())
        function = entities.at(path, finding.line).function
    else:
        text = re.sub(r"\d+", "", finding.message)
    parts = "\0".join((finding.rule, path or "", function, text))
    return sha1(parts.encode(errors="backslashreplace"), usedforsecurity=False).hexdigest()[:16]
