"""The front door: all that other packages, conftests and test suites may import.

The names here are stable; any other module of this package may move or change. `docs/reference/api.md` has a line on
each name. A name is loaded when it is first used, because a plugin that brings a tool is imported at each start of
pytest, with `--agents` and without.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_parallel_agents.agents.findings import Findings
    from pytest_parallel_agents.agents.kinds import Agent
    from pytest_parallel_agents.causes import Cause
    from pytest_parallel_agents.convergence.evidence import CheckEvidence, RunEvidence
    from pytest_parallel_agents.convergence.fault import Fault
    from pytest_parallel_agents.convergence.kinds.kind import EvidenceKind, Opinion, Opinions, Weight
    from pytest_parallel_agents.convergence.ranking import rank
    from pytest_parallel_agents.convergence.view import Convergence
    from pytest_parallel_agents.errors import AgentsError, CheckFailed, LeakWarning
    from pytest_parallel_agents.measurements import HotSpot, Measurement, Rounds
    from pytest_parallel_agents.model.results import Evidence, Finding, Level
    from pytest_parallel_agents.profiling.profiler import Profiler
    from pytest_parallel_agents.project_paths import place
    from pytest_parallel_agents.reports.evidence import read_evidence
    from pytest_parallel_agents.reports.schema import schema
    from pytest_parallel_agents.tool_formats.decoding import decode, decode_lines, match_lines
    from pytest_parallel_agents.tool_formats.findings import read as read_findings
    from pytest_parallel_agents.tool_formats.gitlab import read as read_gitlab
    from pytest_parallel_agents.tool_formats.jsonlines import read as read_jsonlines
    from pytest_parallel_agents.tool_formats.output import NothingJudged, Output, Reader, Unreadable
    from pytest_parallel_agents.tool_formats.sarif import read as read_sarif
    from pytest_parallel_agents.tools.adapters.adapter import Adapter
    from pytest_parallel_agents.tools.adapters.registry import ADAPTERS
    from pytest_parallel_agents.tools.adapters.splitting import document_with, lines_with

__all__ = [
    "ADAPTERS",
    "Adapter",
    "Agent",
    "AgentsError",
    "Cause",
    "CheckEvidence",
    "CheckFailed",
    "Convergence",
    "Evidence",
    "EvidenceKind",
    "Fault",
    "Finding",
    "Findings",
    "HotSpot",
    "LeakWarning",
    "Level",
    "Measurement",
    "NothingJudged",
    "Opinion",
    "Opinions",
    "Output",
    "Profiler",
    "Reader",
    "Rounds",
    "RunEvidence",
    "Unreadable",
    "Weight",
    "decode",
    "decode_lines",
    "document_with",
    "lines_with",
    "match_lines",
    "place",
    "rank",
    "read_evidence",
    "read_findings",
    "read_gitlab",
    "read_jsonlines",
    "read_sarif",
    "schema",
]

_HOMES: Final = {
    "ADAPTERS": "tools.adapters.registry",
    "Adapter": "tools.adapters.adapter",
    "Agent": "agents.kinds",
    "AgentsError": "errors",
    "Cause": "causes",
    "CheckEvidence": "convergence.evidence",
    "CheckFailed": "errors",
    "Convergence": "convergence.view",
    "Evidence": "model.results",
    "EvidenceKind": "convergence.kinds.kind",
    "Fault": "convergence.fault",
    "Finding": "model.results",
    "Findings": "agents.findings",
    "HotSpot": "measurements",
    "LeakWarning": "errors",
    "Level": "model.results",
    "Measurement": "measurements",
    "NothingJudged": "tool_formats.output",
    "Opinion": "convergence.kinds.kind",
    "Opinions": "convergence.kinds.kind",
    "Output": "tool_formats.output",
    "Profiler": "profiling.profiler",
    "Reader": "tool_formats.output",
    "Rounds": "measurements",
    "RunEvidence": "convergence.evidence",
    "Unreadable": "tool_formats.output",
    "Weight": "convergence.kinds.kind",
    "decode": "tool_formats.decoding",
    "decode_lines": "tool_formats.decoding",
    "document_with": "tools.adapters.splitting",
    "lines_with": "tools.adapters.splitting",
    "match_lines": "tool_formats.decoding",
    "place": "project_paths",
    "rank": "convergence.ranking",
    "read_evidence": "reports.evidence",
    "read_findings": "tool_formats.findings:read",
    "read_gitlab": "tool_formats.gitlab:read",
    "read_jsonlines": "tool_formats.jsonlines:read",
    "read_sarif": "tool_formats.sarif:read",
    "schema": "reports.schema",
}
"""The module of each name, as the imports above have it, with the name there if it is another one."""

if not TYPE_CHECKING:  # so that a missing name is an error to type checkers

    def __getattr__(name):  # noqa: ANN001, ANN202 - the types are those of the imports above
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module, _, other_name = _HOMES[name].partition(":")
        found = getattr(import_module(f"pytest_parallel_agents.{module}"), other_name or name)
        globals()[name] = found
        return found

    def __dir__():  # noqa: ANN202
        return __all__
