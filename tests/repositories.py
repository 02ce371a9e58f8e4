"""Repositories of git for tests, whatever repository the tests themselves run in."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def git(root: Path, *words: str) -> str:
    """The output of git in the repository at `root`. In a hook git's variables name another one."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "-c", "user.name=n", "-c", "user.email=e@example.org", *words]
    return subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True, text=True).stdout


def commit_all(root: Path, *branches: str) -> None:
    """Make `root` a repository with one commit of all that is there, and further branches of it."""
    git(root, "init", "--quiet", "--initial-branch=start")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message=first")
    for branch in branches:
        git(root, "branch", branch)
