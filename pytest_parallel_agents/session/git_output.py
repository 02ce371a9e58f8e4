"""What git says of the project, where it is no fault if git has nothing to say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pytest_parallel_agents.early_bound import os, shutil, subprocess, time


def git_output(words: Sequence[str], root: Path, until: float) -> bytes | None:
    """Git's output; None if it fails, is not there, or has not ended at `until` on the monotonic clock."""
    git, seconds = shutil.which("git"), until - time.monotonic()
    if git is None or seconds <= 0:
        return None
    environment = {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    try:
        return subprocess.run(
            [git, *words],
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
