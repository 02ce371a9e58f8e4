"""The rules that results break: the rule of a result, its level and its message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pytest_parallel_agents.model.results import Level
from pytest_parallel_agents.tool_formats.sarif.messages import message_text
from pytest_parallel_agents.tool_formats.sarif.shape import (
    Component,
    ComponentReference,
    Descriptor,
    Invocation,
    Reference,
    Result,
    Run,
    SarifLevel,
)


class Rule(NamedTuple):
    """A rule's descriptor, and the part of the tool that has it."""

    descriptor: Descriptor
    component: Component


class Rules:
    """The rules of a run. A rule without a descriptor counts as an empty one."""

    def __init__(self, run: Run) -> None:
        self._driver = run.tool.driver
        self._extensions = run.tool.extensions
        self._components = (run.tool.driver, *run.tool.extensions)
        self._found: dict[Reference, Rule] = {}
        self._overrides = [self._overridden(invocation) for invocation in run.invocations]

    def name(self, result: Result) -> str:
        """The result's own name of its rule, which may be finer than the rule's."""
        described = self._of(result).descriptor
        return result.rule_id or result.rule.id or described.id or described.name

    def level(self, result: Result) -> Level:
        """The level by 3.27.10, but for `none`: a reported result is at least a note."""
        level = result.level or ("none" if result.kind != "fail" else self._configured(result))
        return Level.NOTE if level == "none" else Level(level)

    def message(self, result: Result) -> str:
        """The text for people; without one, the rule's description."""
        return next(filter(None, self._texts(result)), "no message")

    def _texts(self, result: Result) -> Iterator[str]:
        rule, component = self._of(result)
        yield message_text(result.message, (rule.message_strings, component.global_message_strings))
        yield message_text(rule.short_description)
        yield message_text(rule.full_description)
        yield rule.name
        yield self.name(result)

    def _configured(self, result: Result) -> SarifLevel:
        """The level configured for the result's own invocation, or for any where it names none, else the default."""
        described = self._of(result).descriptor
        index = result.provenance.invocation_index
        overrides = self._overrides[index : index + 1] if index >= 0 else self._overrides
        levels = (levels[id(described)] for levels in overrides if id(described) in levels)
        return next(levels, None) or described.default_configuration.level or "warning"

    def _overridden(self, invocation: Invocation) -> dict[int, SarifLevel]:
        """Levels by the identity of descriptors."""
        return {
            id(self._find(override.descriptor).descriptor): override.configuration.level
            for override in invocation.rule_configuration_overrides
            if override.configuration.level
        }

    def _of(self, result: Result) -> Rule:
        given = result.rule
        index = given.index if given.index >= 0 else result.rule_index
        return self._find(
            Reference(id=given.id or result.rule_id, guid=given.guid, index=index, tool_component=given.tool_component)
        )

    def _find(self, reference: Reference) -> Rule:
        if reference not in self._found:
            self._found[reference] = next(self._candidates(reference), Rule(Descriptor(), self._driver))
        return self._found[reference]

    def _candidates(self, reference: Reference) -> Iterator[Rule]:
        """The rule at the reference's place (3.52.3), then every rule of its name: not every tool gives the place."""
        component = self._component(reference.tool_component)
        if component is not None and 0 <= reference.index < len(component.rules):
            yield Rule(component.rules[reference.index], component)
        for other in (component, *self._components):
            if other is not None and (described := _named(other.rules, reference)):
                yield Rule(described, other)

    def _component(self, reference: ComponentReference | None) -> Component | None:
        """The driver, unless the reference is to an extension (3.54.2)."""
        if reference is None or reference == ComponentReference():
            return self._driver
        if 0 <= reference.index < len(self._extensions):
            return self._extensions[reference.index]
        guid, name = reference.guid.lower(), reference.name
        return next(
            (c for c in self._components if (guid and c.guid.lower() == guid) or (name and c.name == name)), None
        )


def _named(rules: Sequence[Descriptor], reference: Reference) -> Descriptor | None:
    """By its GUID or its id, of which the reference's may be finer: `CA1000/1` (3.27.5)."""
    guid = reference.guid.lower()
    same = (rule for rule in rules if guid and rule.guid.lower() == guid)
    named = (rule for rule in rules if _is_named(rule, reference.id))
    return next(same, None) or max(named, key=lambda rule: len(rule.id), default=None)


def _is_named(rule: Descriptor, name: str) -> bool:
    return bool(rule.id) and (name == rule.id or name.startswith(f"{rule.id}/"))
