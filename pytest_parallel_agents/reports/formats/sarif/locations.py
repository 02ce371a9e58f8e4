"""Places as SARIF's locations: percent-encoded, so that no path is taken for a scheme or host."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from pytest_parallel_agents.agents.bounds import MOST_MESSAGE
from pytest_parallel_agents.excerpts import cut
from pytest_parallel_agents.reports.problems import Place

ROOT: Final = "SRCROOT"

_DRIVE: Final = re.compile(r"[A-Za-z]:[/\\]")


def physical_location(place: Place) -> Mapping[str, Any]:
    """An unknown line is the first: GitHub refuses a file in which one is missing."""
    region = {"startLine": place.line or 1}
    if place.end_line is not None:
        region["endLine"] = place.end_line
    return {"artifactLocation": artifact_location(place.path), "region": region}


def artifact_location(path: str) -> Mapping[str, str]:
    if path.startswith("/") or _DRIVE.match(path):
        return {"uri": _file_uri(path)}
    return {"uri": _quoted(path), "uriBaseId": ROOT}


def folder_uri(path: str) -> str:
    return f"{_file_uri(path).rstrip('/')}/"


def _file_uri(path: str) -> str:
    if _DRIVE.match(path):
        return f"file:///{path[0]}:{_quoted(path[2:].replace(chr(92), '/'))}"
    return f"file:///{_quoted(path.lstrip('/'))}"


def _quoted(path: str) -> str:
    return quote(cut(path, MOST_MESSAGE).encode("utf-8", "backslashreplace"), safe="/")
