"""The parts of SARIF 2.1.0 for results, places, levels, and whether the tool has done its work.

An index of -1 is none, as in the standard.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

SarifLevel = Literal["none", "note", "warning", "error"]


class Shape(msgspec.Struct, rename="camel", frozen=True):
    pass


class Message(Shape, frozen=True):
    text: str = ""
    markdown: str = ""
    id: str = ""
    arguments: list[str] = []


class Configuration(Shape, frozen=True):
    """A configuration; without a level it changes none."""

    level: SarifLevel | None = None


class Descriptor(Shape, frozen=True):
    """The descriptor of a rule, or of a kind of notification."""

    id: str = ""
    guid: str = ""
    name: str = ""
    short_description: Message = msgspec.field(default_factory=Message)
    full_description: Message = msgspec.field(default_factory=Message)
    default_configuration: Configuration = msgspec.field(default_factory=Configuration)
    message_strings: dict[str, Message] = {}


class Component(Shape, frozen=True):
    """The driver of a tool or one of its extensions."""

    name: str = ""
    guid: str = ""
    rules: list[Descriptor] = []
    notifications: list[Descriptor] = []
    global_message_strings: dict[str, Message] = {}


class Tool(Shape, frozen=True):
    driver: Component
    extensions: list[Component] = []


class ComponentReference(Shape, frozen=True):
    name: str = ""
    guid: str = ""
    index: int = -1


class Reference(Shape, frozen=True):
    """A reference to a descriptor."""

    id: str = ""
    guid: str = ""
    index: int = -1
    tool_component: ComponentReference | None = None


class ArtifactLocation(Shape, frozen=True):
    uri: str = ""
    uri_base_id: str = ""
    index: int = -1


class Artifact(Shape, frozen=True):
    location: ArtifactLocation = msgspec.field(default_factory=ArtifactLocation)


class Region(Shape, frozen=True):
    start_line: int | None = None
    end_line: int | None = None


class PhysicalLocation(Shape, frozen=True):
    artifact_location: ArtifactLocation = msgspec.field(default_factory=ArtifactLocation)
    region: Region = msgspec.field(default_factory=Region)


class Location(Shape, frozen=True):
    physical_location: PhysicalLocation = msgspec.field(default_factory=PhysicalLocation)


class Suppression(Shape, frozen=True):
    status: str = "accepted"


class Provenance(Shape, frozen=True):
    invocation_index: int = -1


class Result(Shape, frozen=True):
    message: Message = msgspec.field(default_factory=Message)
    rule_id: str = ""
    rule_index: int = -1
    rule: Reference = msgspec.field(default_factory=Reference)
    level: SarifLevel | None = None
    kind: Literal["notApplicable", "pass", "fail", "review", "open", "informational"] = "fail"
    baseline_state: str = ""
    suppressions: list[Suppression] = []
    analysis_target: ArtifactLocation = msgspec.field(default_factory=ArtifactLocation)
    locations: list[Location] = []
    provenance: Provenance = msgspec.field(default_factory=Provenance)


class Notification(Shape, frozen=True):
    message: Message = msgspec.field(default_factory=Message)
    descriptor: Reference = msgspec.field(default_factory=Reference)
    level: SarifLevel = "warning"


class Override(Shape, frozen=True):
    descriptor: Reference = msgspec.field(default_factory=Reference)
    configuration: Configuration = msgspec.field(default_factory=Configuration)


class Invocation(Shape, frozen=True):
    execution_successful: bool = True
    exit_signal_name: str = ""
    process_start_failure_message: str = ""
    tool_execution_notifications: list[Notification] = []
    tool_configuration_notifications: list[Notification] = []
    rule_configuration_overrides: list[Override] = []


class Run(Shape, frozen=True):
    tool: Tool
    results: list[Result] = []
    invocations: list[Invocation] = []
    artifacts: list[Artifact] = []
    original_uri_base_ids: dict[str, ArtifactLocation] = {}
    external_property_file_references: dict[str, Any] = {}


class Log(Shape, frozen=True):
    version: Literal["2.1.0"]
    runs: list[Run]
    inline_external_properties: list[Any] = []
