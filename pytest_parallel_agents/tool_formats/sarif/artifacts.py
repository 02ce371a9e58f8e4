"""The places of results: from URIs, base ids and the list of artifacts to the spellings of a path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from pytest_parallel_agents.tool_formats.sarif.shape import ArtifactLocation, PhysicalLocation, Result, Run

_ABSOLUTE: Final = re.compile(r"file:|[/\\]|[a-z]:[/\\]", re.IGNORECASE)
_FOREIGN: Final = re.compile(r"(?!file:)[a-z][a-z0-9+-]+:", re.IGNORECASE)
"""A scheme has at least two letters here: one is a drive."""
_DRIVE: Final = re.compile(r"/?(?=[a-z](?::|%3a))", re.IGNORECASE)


def location_of(result: Result, run: Run) -> PhysicalLocation:
    """The first location that names something, else the file that the tool was analyzing."""
    locations = (location.physical_location for location in result.locations)
    named = (location for location in locations if _resolved(location.artifact_location, run).uri)
    return next(named, PhysicalLocation(artifact_location=result.analysis_target))


def spellings(artifact: ArtifactLocation, run: Run) -> tuple[str, ...]:
    """The path as in the log, then with its escapes decoded: not every tool escapes what it writes.

    Empty for what is no file.
    """
    found = _resolved(artifact, run)
    if not found.uri or _FOREIGN.match(found.uri):
        return ()
    bases = [""] if _ABSOLUTE.match(found.uri) else _paths(_base(found.uri_base_id, run))
    return tuple(f"{base}{path}" for base in bases for path in _paths(found.uri))


def foreign_uri(artifact: ArtifactLocation, run: Run) -> str:
    """A URI that names something other than a file; empty for others."""
    uri = _resolved(artifact, run).uri
    return uri if _FOREIGN.match(uri) else ""


def _resolved(artifact: ArtifactLocation, run: Run) -> ArtifactLocation:
    """The location itself, or the entry of the run's list that it refers to."""
    if not artifact.uri and 0 <= artifact.index < len(run.artifacts):
        return run.artifacts[artifact.index].location
    return artifact


def _base(base_id: str, run: Run) -> str:
    """The URI of a base id, as far as the run gives it; bases rest on others, in no circle (3.14.14)."""
    uri, seen = "", set[str]()
    while base_id in run.original_uri_base_ids and base_id not in seen and not _ABSOLUTE.match(uri):
        seen.add(base_id)
        base = run.original_uri_base_ids[base_id]
        uri = f"{base.uri.rstrip('/')}/{uri}" if base.uri and not _FOREIGN.match(base.uri) else uri
        base_id = base.uri_base_id
    return uri


def _paths(uri: str) -> Iterator[str]:
    """The paths that a URI without or with the scheme `file` may mean, from the literal to the standard."""
    for path in dict.fromkeys(_without_scheme(uri)):
        yield path
        yield unquote(re.split("[?#]", path, maxsplit=1)[0])


def _without_scheme(uri: str) -> Iterator[str]:
    """The URI's path. Its host may be the first folder: `file://src/a.py` is often written, and wrong. Or it is this
    machine.
    """
    if not uri.lower().startswith("file:"):
        yield uri
        return
    rest = uri[len("file:") :]
    host, slash, path = rest[2:].partition("/") if rest.startswith("//") else ("", "", rest)
    if host in {"", "localhost"}:
        yield _DRIVE.sub("", f"{slash}{path}", count=1)
    elif _DRIVE.match(host):
        yield f"{host}{slash}{path}"
    else:
        yield from (f"{host}{slash}{path}", f"{slash}{path}", f"//{host}{slash}{path}")
