"""`--agents-report x.json`, and parts of it."""

from __future__ import annotations

import msgspec

from pytest_parallel_agents.reports.entry import Entry


def render(report: Entry) -> bytes:
    """Indented UTF-8 with a line end."""
    return msgspec.json.format(encode(report), indent=2) + b"\n"


def encode(report: Entry) -> bytes:
    """One line of UTF-8. Text that is not valid Unicode (a file name with stray bytes) is escaped, never refused."""
    try:
        return msgspec.json.encode(report)
    except UnicodeEncodeError:
        return msgspec.json.encode(_encodable(msgspec.to_builtins(report)))


def _encodable(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_encodable(key): _encodable(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(entry) for entry in value]
    return value
