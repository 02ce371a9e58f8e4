"""Runs git, to list changes since a revision."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, Final

import msgspec
from msgspec.structs import replace

from pytest_parallel_agents.early_bound import os, shutil, subprocess
from pytest_parallel_agents.errors import BrokenTool

if TYPE_CHECKING:
    from pathlib import Path

_DEFAULT_BRANCHES: Final = (
    *("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master"),
    *("refs/heads/main", "refs/heads/master"),
)

DIFF: Final = (
    *("-c", "core.quotePath=false", "diff"),
    *("--no-color", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/"),
)
"""A diff as git prints it by default, whatever the user's settings are."""

_HISTORY: Final = "fetch it with its history (fetch-depth: 0 of actions/checkout, GIT_DEPTH: 0 of GitLab)"


class Revision(msgspec.Struct, frozen=True):
    """A revision of git as the user has named it, and the key that names it."""

    name: str
    key: str

    def or_default(self, root: Path) -> Revision:
        """Itself, or the default branch if it has no name. Raises BrokenTool when there is none."""
        if self.name:
            return self
        listed = replace(self, name="the default branch").run_git(
            ("for-each-ref", "--format=%(refname) %(symref)", *_DEFAULT_BRANCHES), root
        )
        found = dict(line.split(" ", 1) for line in listed.decode(errors="replace").splitlines())
        for name in _DEFAULT_BRANCHES:
            if name in found:
                return replace(self, name=re.sub(r"^refs/(?:remotes|heads)/", "", found[name] or name))
        tried = "origin/HEAD, main and master"
        raise BrokenTool(f"there is no default branch to compare with ({tried})", hint=f'write {self.key} = "REVISION"')

    def ancestor(self, root: Path) -> str:
        """The last common ancestor with HEAD. Raises BrokenTool when git cannot find it."""
        return self.run_git(("merge-base", self.name, "HEAD"), root).decode().strip()

    def run_git(self, words: Sequence[str], folder: Path | str, stdout: IO[bytes] | int = subprocess.PIPE) -> bytes:
        """Git's output, unless it goes to `stdout`. Nothing is written into the repository.

        Raises BrokenTool when git fails.
        """
        problem = f"git cannot list the changes since {self.name}"
        git = shutil.which("git")
        if git is None:
            raise BrokenTool(f"{problem}: it is not installed", hint=f"install it or see {self.key}")
        finished = subprocess.run(
            [git, *words],
            cwd=folder,
            env={**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            check=False,
        )
        if finished.returncode != 0:
            reason = finished.stderr.decode(errors="replace").strip() or "it has no common ancestor with HEAD"
            raise BrokenTool(f"{problem}: {reason}", hint=f"{_HISTORY}, or see {self.key}")
        return finished.stdout or b""
