"""Selects checks and findings of a report: by kind, outcome, level, path and text, to be shown or left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import Annotated, NamedTuple, TypeVar

from msgspec import UNSET, Meta, Struct, field

from pytest_parallel_agents.model.results import Level, Outcome
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry, FindingEntry
from pytest_parallel_agents.reports.report import Report

Value = TypeVar("Value")


class Terms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What something may be. Of one field one value has to fit."""

    kind: Annotated[tuple[str, ...], Meta(description="Of the check: test, review, profile, ...")] = ()
    outcome: Annotated[tuple[Outcome, ...], Meta(description="Of the check.")] = ()
    level: Annotated[tuple[Level, ...], Meta(description="Of a finding.")] = ()
    path: Annotated[
        tuple[str, ...], Meta(description="Of a finding or of the check's file: a file, a folder, or a pattern with *.")
    ] = ()
    text: Annotated[
        tuple[str, ...],
        Meta(description="Anywhere in the check's id, message or traceback, or in a finding; case does not matter."),
    ] = ()


class Filters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Shown is what fits each field of `include` that has values, and no value of `exclude`."""

    include: Terms = field(default_factory=Terms)
    exclude: Terms = field(default_factory=Terms)


class Selected(NamedTuple):
    """A check, and those of its findings that are selected."""

    check: CheckEntry
    findings: tuple[FindingEntry, ...]


def selected(report: Report, filters: Filters) -> list[Selected]:
    """The selected checks, in the order of the report.

    A check that has findings is selected with those that fit, and only if there are some. Where the path or text of the
    check itself fits, that of its findings need not.
    """
    found = (_selected(check, filters) for check in report.checks)
    return [each for each in found if each is not None]


def _selected(check: CheckEntry, filters: Filters) -> Selected | None:
    wanted, unwanted = filters.include, filters.exclude
    if not _admits(wanted.kind, unwanted.kind, lambda kind: kind == check.kind):
        return None
    if not _admits(wanted.outcome, unwanted.outcome, lambda outcome: outcome is check.outcome):
        return None
    path, texts = check.nodeid.partition("::")[0], _texts(check)
    if _any(unwanted.path, lambda one: _is_at(path, one)) or _any(unwanted.text, lambda one: _is_in(texts, one)):
        return None
    own_path = not wanted.path or _any(wanted.path, lambda one: _is_at(path, one))
    own_text = not wanted.text or _any(wanted.text, lambda one: _is_in(texts, one))
    left = Terms(level=wanted.level, path=() if own_path else wanted.path, text=() if own_text else wanted.text)
    findings = tuple(finding for finding in check.findings if _fits(finding, left, unwanted))
    is_shown = bool(findings) or (not check.findings and own_path and own_text and not wanted.level)
    return Selected(check, findings) if is_shown else None


def _fits(finding: FindingEntry, wanted: Terms, unwanted: Terms) -> bool:
    texts = (finding.message.casefold(), finding.rule.casefold(), (finding.path or "").casefold())
    return (
        _admits(wanted.level, unwanted.level, lambda level: level is finding.level)
        and _admits(wanted.path, unwanted.path, lambda one: _is_at(finding.path or "", one))
        and _admits(wanted.text, unwanted.text, lambda one: _is_in(texts, one))
    )


def _admits(wanted: tuple[Value, ...], unwanted: tuple[Value, ...], fits: Callable[[Value], bool]) -> bool:
    return (not wanted or _any(wanted, fits)) and not _any(unwanted, fits)


def _any(values: Iterable[Value], fits: Callable[[Value], bool]) -> bool:
    return any(map(fits, values))


def _is_at(path: str, place: str) -> bool:
    """Whether the path is this file, is below this folder, or fits this pattern."""
    place = place.removeprefix("./").rstrip("/")
    return path == place or path.startswith(f"{place}/") or fnmatchcase(path, place)


def _texts(check: CheckEntry) -> tuple[str, ...]:
    failure = "" if check.failure is UNSET else check.failure.text
    return check.nodeid.casefold(), check.message.casefold(), failure.casefold()


def _is_in(texts: Iterable[str], text: str) -> bool:
    searched = text.casefold()
    return any(searched in each for each in texts)
