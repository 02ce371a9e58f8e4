"""Fingerprints that stay the same when a finding moves to another line."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

from pytest_parallel_agents.model import Finding


def fingerprinted(findings: Iterable[Finding], root: Path) -> tuple[Finding, ...]:
    """The findings, each with its fingerprint: a hash of rule, path and text of the line.

    White space does not count. A finding without a line is known by its message, less the numbers in it. Findings that
    are alike are counted, so that one more of them is seen as new.
    """
    lines_of = cache(lambda path: _lines(root / path))
    seen: Counter[str] = Counter()
    stamped = []
    for finding in findings:
        digest = _digest(finding.rule, finding.path or "", _text(finding, lines_of(finding.path or "")))
        seen[digest] += 1
        stamped.append(replace(finding, fingerprint=f"{digest}:{seen[digest]}"))
    return tuple(stamped)


def _text(finding: Finding, lines: list[str]) -> str:
    if finding.line is not None and 0 < finding.line <= len(lines):
        return "".join(lines[finding.line - 1].split())
    return re.sub(r"\d+", "", finding.message)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _digest(*parts: str) -> str:
    text = "\0".join(parts).encode(errors="replace")
    return hashlib.sha1(text, usedforsecurity=False).hexdigest()[:16]
