"""Writing report files."""

from __future__ import annotations

import os
from pathlib import Path

from pytest_parallel_agents.errors import AgentsError


def write_atomically(path: Path, content: bytes) -> None:
    """Writes `content` to `path`, creating folders; a reader sees the old file or the new one, never half of it.

    Raises AgentsError when the file cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            unfinished.write_bytes(content)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise AgentsError(
            f"cannot write the report {path}: {error.strerror or error}",
            hint="give --agents-report a path that this user may write",
        ) from error
