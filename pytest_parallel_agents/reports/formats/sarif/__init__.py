"""`--agents-report x.sarif`: SARIF 2.1.0, https://docs.oasis-open.org/sarif/sarif/v2.1.0/, as GitHub's code scanning
accepts it.
"""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from pytest_parallel_agents.excerpts import cut
from pytest_parallel_agents.model.results import Level
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry
from pytest_parallel_agents.reports.formats.sarif.invocation import invocation
from pytest_parallel_agents.reports.formats.sarif.locations import ROOT, folder_uri
from pytest_parallel_agents.reports.formats.sarif.results import absent_results, result
from pytest_parallel_agents.reports.problems import Problem, name, problems
from pytest_parallel_agents.reports.report import Report

MOST_RUNS: Final = 20
MOST_RESULTS: Final = 25_000
"""Of a run. GitHub refuses files with more."""
MOST_BYTES: Final = 10 * 1000 * 1000
"""Compressed. GitHub refuses larger files."""

TESTS: Final = "pytest"
OTHERS: Final = "pytest --agents"
"""The tool of all checks for which there is no run left."""

_MOST_DESCRIPTION: Final = 900
"""Characters. GitHub shows 1,024."""

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def render(report: Report) -> bytes:
    """A run for each agent, also for those that found nothing: that closes earlier alerts. Gravest results first.

    As many are left out as the limits ask for; each run says how many.
    """
    most = MOST_RESULTS
    content = _render(report, most)
    while len(content) > MOST_BYTES and len(gzip.compress(content)) > MOST_BYTES:
        most //= 2
        content = _render(report, most)
    return content


def _render(report: Report, most: int) -> bytes:
    of_agents: dict[str, list[Problem]] = defaultdict(list)
    agents = _agents(report)
    for problem in problems(report):
        of_agents[agents[problem.check.nodeid]].append(problem)
    runs = [_run(report, agent, agents, of_agents[agent], most) for agent in dict.fromkeys(agents.values()) or [TESTS]]
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": runs}
    return msgspec.json.format(msgspec.json.encode(log), indent=2) + b"\n"


def _agents(report: Report) -> dict[str, str]:
    """The name of the tool for each check, by node id. The last one takes all that are too many."""
    agents = {check.nodeid: _agent(check) for check in report.checks}
    names = list(dict.fromkeys(agents.values()))
    kept = names if len(names) <= MOST_RUNS else names[: MOST_RUNS - 1]
    return {nodeid: agent if agent in kept else OTHERS for nodeid, agent in agents.items()}


def _agent(check: CheckEntry) -> str:
    """A command that runs once for each input is one agent."""
    return TESTS if check.kind == "test" else name(check.name.partition("[")[0])


def _run(
    report: Report, agent: str, agents: Mapping[str, str], found: Sequence[Problem], most: int
) -> Mapping[str, Any]:
    shown = found[:most]
    levels = {problem.rule: problem.level for problem in reversed(shown)}
    rules = {rule: number for number, rule in enumerate(dict.fromkeys(problem.rule for problem in shown))}
    checks = [check for check in report.checks if agents[check.nodeid] == agent]
    absent = absent_results(report, checks)[: most - len(shown)]
    return {
        "tool": {"driver": {"name": agent, "rules": [_rule(rule, agent, levels[rule]) for rule in rules]}},
        "invocations": [invocation(report, checks, left_out=len(found) - len(shown))],
        "originalUriBaseIds": {ROOT: {"uri": folder_uri(report.run.root)}},
        "results": [*(result(problem, rules) for problem in shown), *absent],
    }


def _rule(rule: str, agent: str, level: Level) -> Mapping[str, Any]:
    """GitHub wants three descriptions. The level is the gravest of the results: no tool's own is in the report."""
    about = {"text": cut(f"{rule} ({agent})", _MOST_DESCRIPTION)}
    return {
        "id": rule,
        "shortDescription": about,
        "fullDescription": about,
        "help": about,
        "defaultConfiguration": {"level": level.value},
    }
