"""`--agents-report gl-code-quality-report.json`: GitLab's Code Quality, https://docs.gitlab.com/ci/testing/code_quality/."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from hashlib import sha1
from typing import Any, Final

import msgspec

from pytest_parallel_agents.agents.bounds import MOST_MESSAGE
from pytest_parallel_agents.excerpts import cut
from pytest_parallel_agents.model.results import Level
from pytest_parallel_agents.printable import escape
from pytest_parallel_agents.reports.problems import Problem, name, problems
from pytest_parallel_agents.reports.report import Report

_SEVERITIES: Final = {Level.ERROR: "major", Level.WARNING: "minor", Level.NOTE: "info"}
_FAILURE: Final = "critical"


def render(report: Report) -> bytes:
    """A list of violations, gravest first, no two of them with one fingerprint: GitLab shows one of these only."""
    seen: Counter[str] = Counter()
    violations = []
    for problem in problems(report):
        known_by = f"{problem.check.nodeid}\0{problem.rule}\0{problem.fingerprint}"
        violations.append(_violation(problem, f"{known_by}\0{seen[known_by]}"))
        seen[known_by] += 1
    return msgspec.json.format(msgspec.json.encode(violations), indent=2) + b"\n"


def _violation(problem: Problem, known_by: str) -> Mapping[str, Any]:
    """GitLab needs a line: an unknown one is the first."""
    path, line, end_line = problem.place
    lines = {"begin": line or 1} | ({} if end_line is None else {"end": end_line})
    about = problem.message if problem.is_failure else f"{name(problem.check.name)}: {problem.message}"
    return {
        "description": about,
        "check_name": problem.rule,
        "fingerprint": sha1(known_by.encode(errors="backslashreplace"), usedforsecurity=False).hexdigest(),
        "severity": _FAILURE if problem.is_failure else _SEVERITIES[problem.level],
        "location": {"path": escape(cut(path, MOST_MESSAGE)) or ".", "lines": lines},
    }
