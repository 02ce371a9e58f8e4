"""Which code a run judged, according to git: what history needs to know whether two runs judged the same."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from pytest_parallel_agents.early_bound import time
from pytest_parallel_agents.session.git_output import git_output

MOST_SECONDS: Final = 3.0

_DIFF: Final = ("diff", "--no-ext-diff", "--no-textconv", "--full-index", "HEAD")
_UNTRACKED: Final = ("ls-files", "--others", "--exclude-standard", "-z", "--", "*.py")
"""No other files: reports that every run writes would make each look as if it judged other code."""


class CodeState(msgspec.Struct, frozen=True):
    """HEAD, None where that is not known, and a digest of what is not committed, empty when all is."""

    commit: str | None = None
    uncommitted: str = ""


def code_state(root: Path) -> CodeState:
    """The state of the project's code. Not known when git does not say it within MOST_SECONDS."""
    until = time.monotonic() + MOST_SECONDS
    head = git_output(("rev-parse", "--verify", "HEAD"), root, until)
    changes = git_output(_DIFF, root, until)
    untracked = git_output(_UNTRACKED, root, until)
    if head is None or changes is None or untracked is None:
        return CodeState()
    content = changes + b"".join(_stamps(untracked, root))
    digest = hashlib.sha256(content).hexdigest()[:16] if content else ""
    return CodeState(commit=head.decode().strip(), uncommitted=digest)


def _stamps(untracked: bytes, root: Path) -> Iterator[bytes]:
    """Name, size and time of change of each file: to read them all could take long."""
    for name in untracked.split(b"\0"):
        try:
            found = (root / os.fsdecode(name)).stat() if name else None
        except OSError:
            continue  # removed meanwhile
        if found is not None:
            yield b"%s\0%d\0%d\0" % (name, found.st_size, found.st_mtime_ns)
