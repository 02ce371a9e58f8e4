"""The formats that users may name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pytest_parallel_agents.tables import Table
from pytest_parallel_agents.tool_formats import answers, exit_code, findings, gitlab, jsonlines, regex, sarif
from pytest_parallel_agents.tool_formats.output import Reader

FORMATS: Final[Mapping[str, Callable[[Table], Reader]]] = {
    "exit-code": lambda _: exit_code.read,
    "findings": findings.configured,
    "gitlab": gitlab.configured,
    "jsonlines": jsonlines.configured,
    "regex": regex.configured,
    "sarif": sarif.configured,
}
"""By the name that users write: a function that makes a reader from a command's table, which has the format's
options."""

HAS_OTHER_TEXT: Final[Mapping[str, Callable[[str], bool]]] = {
    "exit-code": bool,
    "findings": lambda text: not answers.is_nothing_else(text),
    "regex": bool,
}
"""Formats whose text may have more for people than what is read from it: whether a text has."""
