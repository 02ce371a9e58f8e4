"""Common to formatters that only show a diff: each place that they would change is a finding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pytest_parallel_agents.model.results import Finding, Level
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.tools.diffs import read_hunks

_TIME: Final = re.compile(r"\t\d{4}-\d\d-\d\d .*\Z")
"""The text that may follow a file's name in a diff. A tab may be part of the name."""


def unformatted(
    diff: str, root: Path, *, rule: str = "unformatted", message: str = "would be reformatted", suffix: str = ""
) -> Iterator[Finding]:
    """A finding for each hunk, in the lines of the file as it is. `suffix` follows the file's name in the diff."""
    for hunk in read_hunks(diff):
        path = _TIME.sub("", hunk.before).removesuffix(suffix)
        first, last = hunk.old
        yield Finding(rule=rule, level=Level.ERROR, message=message, path=place(path, root), line=first, end_line=last)
