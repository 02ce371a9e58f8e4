"""SARIF 2.1.0, the parts that say where something is and how grave it is.

Defaults follow the standard, https://docs.oasis-open.org/sarif/sarif/v2.1.0/: a result without a level has that of its
rule, else `warning` (3.27.10). Results that passed, do not apply, are suppressed or are absent since a baseline are no
findings.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from pytest_parallel_agents.agents.formats.decoding import decode
from pytest_parallel_agents.agents.output import Output, Unreadable
from pytest_parallel_agents.agents.places import place, uri_to_path
from pytest_parallel_agents.model import Evidence, Finding, Level

_SarifLevel = Literal["none", "note", "warning", "error"]


class _Shape(msgspec.Struct, rename="camel"):
    pass


class _Message(_Shape):
    text: str = ""
    markdown: str = ""
    id: str = ""
    arguments: list[str] = []


class _Configuration(_Shape):
    level: _SarifLevel = "warning"


class _Rule(_Shape):
    id: str
    default_configuration: _Configuration = msgspec.field(default_factory=_Configuration)
    message_strings: dict[str, _Message] = {}


class _Driver(_Shape):
    name: str
    rules: list[_Rule] = []


class _Tool(_Shape):
    driver: _Driver


class _Artifact(_Shape):
    uri: str = ""
    uri_base_id: str = ""
    index: int = -1


class _ArtifactEntry(_Shape):
    location: _Artifact = msgspec.field(default_factory=_Artifact)


class _Region(_Shape):
    start_line: int | None = None
    end_line: int | None = None


class _PhysicalLocation(_Shape):
    artifact_location: _Artifact = msgspec.field(default_factory=_Artifact)
    region: _Region = msgspec.field(default_factory=_Region)


class _Location(_Shape):
    physical_location: _PhysicalLocation = msgspec.field(default_factory=_PhysicalLocation)


class _RuleReference(_Shape):
    id: str = ""
    index: int = -1


class _Suppression(_Shape):
    status: str = "accepted"


class _Result(_Shape):
    message: _Message
    rule_id: str = ""
    rule_index: int = -1
    rule: _RuleReference = msgspec.field(default_factory=_RuleReference)
    level: _SarifLevel | None = None
    kind: str = "fail"
    baseline_state: str = ""
    suppressions: list[_Suppression] = []
    locations: list[_Location] = []


class _Notification(_Shape):
    message: _Message
    level: _SarifLevel = "warning"


class _Invocation(_Shape):
    execution_successful: bool = True
    tool_execution_notifications: list[_Notification] = []


class _Run(_Shape):
    tool: _Tool
    results: list[_Result] | None = None
    invocations: list[_Invocation] = []
    artifacts: list[_ArtifactEntry] = []
    original_uri_base_ids: dict[str, _Artifact] = {}


class _Log(_Shape):
    version: Literal["2.1.0"]
    runs: list[_Run]


def read(output: Output, root: Path) -> Evidence:
    runs = decode(output.stdout, _Log).runs
    for run in runs:
        _refuse_unfinished(run)
    return Evidence(findings=tuple(_finding(r, run, root) for run in runs for r in run.results or [] if _counts(r)))


def _refuse_unfinished(run: _Run) -> None:
    for invocation in run.invocations:
        if not invocation.execution_successful:
            said = "; ".join(notification.message.text for notification in invocation.tool_execution_notifications)
            raise Unreadable(f"{run.tool.driver.name} says that it did not finish{': ' if said else ''}{said}")


def _counts(result: _Result) -> bool:
    suppressed = any(suppression.status == "accepted" for suppression in result.suppressions)
    return result.kind not in {"pass", "notApplicable"} and result.baseline_state != "absent" and not suppressed


def _finding(result: _Result, run: _Run, root: Path) -> Finding:
    rule = _rule(result, run.tool.driver.rules)
    location = result.locations[0].physical_location if result.locations else _PhysicalLocation()
    path = _path(location.artifact_location, run)
    return Finding(
        rule=result.rule_id or result.rule.id or (rule.id if rule else ""),
        level=_level(result, rule),
        message=_text(result.message, rule.message_strings if rule else {}),
        path=place(path, root) if path else None,
        line=location.region.start_line,
        end_line=location.region.end_line,
    )


def _rule(result: _Result, rules: list[_Rule]) -> _Rule | None:
    """By index, else by id; the id may be finer than that of its rule: `CA1000/1` (3.27.5)."""
    index = max(result.rule_index, result.rule.index)
    if 0 <= index < len(rules):
        return rules[index]
    by_id = {rule.id: rule for rule in rules}
    name = result.rule_id or result.rule.id
    return by_id.get(name) or by_id.get(name.rpartition("/")[0])


def _level(result: _Result, rule: _Rule | None) -> Level:
    if result.kind != "fail" and result.level is None:
        return Level.NOTE
    level = result.level or (rule.default_configuration.level if rule else "warning")
    return Level.NOTE if level == "none" else Level(level)


def _text(message: _Message, templates: Mapping[str, _Message]) -> str:
    template = templates.get(message.id, _Message())
    text = message.text or template.text or message.markdown or template.markdown or message.id
    for number, argument in enumerate(message.arguments):
        text = text.replace(f"{{{number}}}", argument)
    return text


def _path(artifact: _Artifact, run: _Run) -> str:
    if not artifact.uri and 0 <= artifact.index < len(run.artifacts):
        artifact = run.artifacts[artifact.index].location
    return (
        str(_base(artifact.uri_base_id, run.original_uri_base_ids) / uri_to_path(artifact.uri)) if artifact.uri else ""
    )


def _base(base_id: str, bases: Mapping[str, _Artifact], depth: int = 0) -> Path:
    """The folder that a base id stands for; bases may rest on other bases, and unknown ones are the root."""
    base = bases.get(base_id)
    if base is None or depth > len(bases):
        return Path()
    return _base(base.uri_base_id, bases, depth + 1) / uri_to_path(base.uri)
