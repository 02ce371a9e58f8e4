"""Resources: the meaning of the names in `reads` and `writes`."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

import msgspec

from pytest_parallel_agents.errors import AgentsError

TABLE = "[tool.pytest-parallel-agents.resources]"
_LAST_PORT = 65535

Components = tuple[str, ...]


class Resource(msgspec.Struct, frozen=True):
    """`lock` is the name of the lock that its users share. `path` is set for a path: such overlap by prefix."""

    lock: str
    path: Components | None = None


def parse(name: str, declared: Mapping[str, int]) -> Resource:
    """The resource that `name` stands for: a declared plain name, `env:NAME`, `tcp:PORT`, or a path.

    Raises AgentsError for a plain name that is not declared, so that a typo does not fail open, and for a port or
    variable that cannot be.
    """
    if name in declared:
        return Resource(name)
    if name.startswith("env:"):
        return _variable(name)
    if name.startswith("tcp:"):
        return _port(name)
    similar = get_close_matches(name, declared, n=1)
    if "/" in name or name.startswith(".") or ("." in name and not similar):
        path = components(name)
        return Resource(f"path:{spelled(path)}", path)
    guess = f"did you mean {similar[0]!r}? If not, " if similar else ""
    raise AgentsError(f"resource {name!r} is not declared", hint=f"{guess}declare it under {TABLE}")


def components(path: str) -> Components:
    """The parts of a path without `.`, `..`, and doubled or trailing slashes; an absolute one starts with "".

    The root, the current folder and those that enclose it have no parts: every path overlaps them.
    """
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    if all(part == ".." for part in parts):
        return ()
    return ("", *parts) if path.startswith("/") else tuple(parts)


def spelled(path: Components) -> str:
    """The path in its normal form."""
    return "/".join(path) or "."


def _variable(name: str) -> Resource:
    if name == "env:":
        raise AgentsError(f"resource {name!r} names no variable", hint="write env:NAME")
    return Resource(name)


def _port(name: str) -> Resource:
    port = name.removeprefix("tcp:")
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= _LAST_PORT):
        raise AgentsError(f"resource {name!r} names no port", hint=f"write tcp:PORT, a number from 1 to {_LAST_PORT}")
    return Resource(f"tcp:{int(port)}")
