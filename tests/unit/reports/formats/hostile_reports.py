"""Reports that have a text in every field that holds one."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import inspect, structs

from pytest_parallel_agents.reports.entries_of_history import HistoryEntry
from pytest_parallel_agents.reports.report import Report

Shape = TypeVar("Shape", bound=msgspec.Struct)


def hostile_report(texts: Sequence[str], **of_checks: object) -> Report:
    """A report with one check, cause, conflict, group and so on for each text, which stands in all fields of these.

    Equal texts keep it consistent: a check's node id is also that of its causes, frames and groups. The fields
    `of_checks` are the same in all checks.
    """
    report: Report = _merged([filled(Report, text, number) for number, text in enumerate(texts)])
    checks = tuple(structs.replace(check, **of_checks) for check in report.checks)
    return structs.replace(report, checks=checks, history=_aligned(report.history))


def filled(shape: type[Shape], text: str, number: int = 0) -> Shape:
    """A value with nothing left empty: `text` in all texts, one entry in all collections, the `number`-th of enums."""
    return msgspec.convert(_value(_information(shape), text, number), shape)


_information = cache(inspect.type_info)


def _value(info: inspect.Type, text: str, number: int) -> Any:
    match info:
        case inspect.Metadata(type=inner) | inspect.UnionType(types=(inner, *_)):
            return _value(inner, text, number)
        case inspect.StructType(fields=fields, array_like=in_order):
            values = {field.encode_name: _field(field, text, number) for field in fields}
            return tuple(values.values()) if in_order else values
        case inspect.VarTupleType(item_type=item):
            return (_value(item, text, number),)
        case inspect.TupleType(item_types=items):
            return tuple(_value(item, text, number) for item in items)
        case inspect.DictType(key_type=key, value_type=value):
            return {_value(key, text, number): _value(value, text, number)}
    return _scalar(info, text, number)


def _scalar(info: inspect.Type, text: str, number: int) -> Any:
    match info:
        case inspect.StrType():
            return text
        case inspect.EnumType(cls=cls):
            return _member(cls, number)
        case inspect.LiteralType(values=values):
            return values[0]
        case inspect.BoolType():
            return False
    return 1


def _field(field: inspect.Field, text: str, number: int) -> Any:
    if field.name == "samples":
        return {text: {f"{text}:1": 1}}
    return _value(field.type, text, number)


def _member(cls: type[Enum], number: int) -> Any:
    members = list(cls)
    return members[number % len(members)].value


def _merged(values: Sequence[Any]) -> Any:
    """Structs field by field, tuples and dictionaries joined; of anything else the first."""
    first = values[0]
    if isinstance(first, msgspec.Struct):
        fields = {name: _merged([getattr(each, name) for each in values]) for name in first.__struct_fields__}
        return type(first)(**fields)
    if isinstance(first, tuple):
        return tuple(entry for each in values for entry in each)
    if isinstance(first, dict):
        return {key: entry for each in values for key, entry in each.items()}
    return first


def _aligned(history: HistoryEntry | None) -> HistoryEntry | None:
    """With a place for each run in every trend."""
    if history is None:
        return None
    many = len(history.runs)
    checks = tuple(
        structs.replace(
            trend, outcomes=trend.outcomes * many, seconds=trend.seconds * many, failing_since=0, passed_before=None
        )
        for trend in history.checks
    )
    return structs.replace(history, checks=checks)
