"""The projects of which a repository is made: members of a workspace, or folders that each have a `pyproject.toml`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from pytest_parallel_agents.cli.init.project import Project, mapping, texts

_NO_MEMBERS: Final = frozenset(
    {"test", "tests", "doc", "docs", "example", "examples", "node_modules", "vendor", "build"}
)
"""Folders whose projects are examples, not to be judged."""


def find_members(project: Project) -> tuple[tuple[str, ...], str]:
    """The folders of the members, from the root, and the reason in words; the root is none of them."""
    for where, patterns, left_out in _declared(project):
        members = _matching(project.root, patterns, left_out)
        if members:
            return members, where
    found = _matching(project.root, ("*", "*/*"), ())
    named = tuple(path for path in found if _NO_MEMBERS.isdisjoint(path.split("/")))
    return (named, "each has a pyproject.toml") if named else ((), "")


def _declared(project: Project) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Where members are declared, the patterns for their folders, and those for other folders."""
    for tool in ("uv", "rye", "hatch"):
        workspace = mapping((project.tool(tool) or {}).get("workspace"))
        yield f"members of [tool.{tool}.workspace]", texts(workspace.get("members")), texts(workspace.get("exclude"))
    for environment in mapping((project.tool("hatch") or {}).get("envs")).values():
        members = mapping(mapping(environment).get("workspace")).get("members")
        yield "members of an environment of Hatch", (*texts(members), *_paths(members)), ()
    poetry = project.tool("poetry") or {}
    groups = (mapping(group).get("dependencies") for group in mapping(poetry.get("group")).values())
    required = (mapping(one) for one in (poetry.get("dependencies"), poetry.get("dev-dependencies"), *groups))
    yield "path dependencies of [tool.poetry]", tuple(_paths([entry for one in required for entry in one.values()])), ()


def _paths(entries: object) -> Iterator[str]:
    """The values of `path` in the tables of a list."""
    named = (mapping(entry).get("path") for entry in entries) if isinstance(entries, list) else ()
    return (path for path in named if isinstance(path, str))


def _matching(root: Path, patterns: Iterable[str], left_out: Iterable[str]) -> tuple[str, ...]:
    """The folders below the root with a project of their own that match a pattern, in order."""
    excluded = {path for pattern in left_out for path in _glob(root, pattern)}
    found = dict.fromkeys(path for pattern in patterns for path in _glob(root, pattern))
    members = (path for path in found if path not in excluded and path != root and (path / "pyproject.toml").is_file())
    relative = (path.relative_to(root) for path in members)
    return tuple(sorted(path.as_posix() for path in relative if not any(part[0] in "._" for part in path.parts)))


def _glob(root: Path, pattern: str) -> Iterator[Path]:
    plain = Path(pattern)
    if plain.parts and not plain.is_absolute() and ".." not in plain.parts:
        yield from (path for path in root.glob(pattern) if path.is_dir())
