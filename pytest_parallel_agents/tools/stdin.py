"""A command's standard input: a file, and the changes since a revision of git."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import IO, Final

import msgspec
import pytest
from msgspec.structs import replace

from pytest_parallel_agents.early_bound import io, os, subprocess, tempfile
from pytest_parallel_agents.errors import BrokenTool
from pytest_parallel_agents.tools.git import DIFF, Revision
from pytest_parallel_agents.tools.prompt import marked

_PATTERN: Final = re.compile(r"[*?\[]|^:")
"""In what git takes for a pattern and not for a path."""

INPUT: Final = "{}"
"""The placeholder for the input in a command that runs once for `each`."""


def filled(text: str, chosen: str | None) -> str:
    """The text with the input in its place."""
    return text if chosen is None else text.replace(INPUT, chosen)


class Stdin(msgspec.Struct, frozen=True, kw_only=True):
    """The file comes first, then the `text`, then the changes since `base`, in `paths` or anywhere below the root. Each
    may be empty. `where` names the table in messages, `keys` those of the file and of the base.

    With `marked` there are always changes, since the default branch if `base` is empty, between two lines that mark
    them as data. The changes are those since the last common ancestor of `base` and HEAD, committed or not; later
    changes of others to `base` are not included.
    """

    where: str = ""
    file: str = ""
    text: str = ""
    base: str = ""
    paths: tuple[str, ...] = ()
    keys: tuple[str, str] = ("stdin", "stdin-diff")
    marked: bool = False

    def of(self, chosen: str | None) -> Stdin:
        """The standard input of one input's check."""
        if chosen is None:
            return self
        paths = tuple(path.replace(INPUT, chosen) for path in self.paths)
        file, text, base = (part.replace(INPUT, chosen) for part in (self.file, self.text, self.base))
        return replace(self, file=file, text=text, base=base, paths=paths)

    def revision(self, root: Path) -> Revision | None:
        """The revision since which changes are sent; None when none are. Raises BrokenTool when there is no default."""
        revision = Revision(self.base, f"{self.where}.{self.keys[1]}")
        if not self.marked:
            return revision if self.base else None
        return revision.or_default(root)

    @contextmanager
    def opened(self, root: Path) -> Iterator[IO[bytes] | int]:
        """The file to pass as `stdin`. Skips the check when nothing has changed.

        Raises BrokenTool when the file cannot be read, a path does not exist, or git cannot list the changes.
        """
        revision = self.revision(root)
        if not self.file and not self.text and revision is None:
            yield subprocess.DEVNULL
            return
        with tempfile.TemporaryFile() as stdin:
            if self.file:
                stdin.write(self._content(root))
            stdin.write(self.text.encode())
            if revision is not None:
                self._write_changes(stdin, revision, root)
            stdin.seek(0)
            yield stdin

    def changes(self, revision: Revision, root: Path) -> bytes:
        """The diff. Skips the check when nothing has changed. Raises BrokenTool when a path of it does not exist."""
        words = (*DIFF, "--relative", revision.ancestor(root), "--")
        changes = revision.run_git((*words, *self.paths), root)
        missing = [path for path in self.paths if not _PATTERN.search(path) and not os.path.lexists(root / path)]
        misspelt = [path for path in missing if not revision.run_git((*words, path), root)]  # others are deleted
        if misspelt:
            raise BrokenTool(f"no such path: {', '.join(misspelt)}", hint=f"see {self.where}")
        if not changes:
            where = f" in {', '.join(self.paths)}" if self.paths else ""
            raise pytest.skip.Exception(f"nothing has changed since {revision.name}{where}", _use_item_location=True)
        return changes

    def _write_changes(self, stdin: IO[bytes], revision: Revision, root: Path) -> None:
        changes = self.changes(revision, root)
        if self.marked:
            changes = marked(changes)
        elif stdin.tell():
            stdin.write(b"\n")
        stdin.write(changes)

    def _content(self, root: Path) -> bytes:
        """The file's content, ended by a line break."""
        try:
            with io.open(os.path.join(root, self.file), "rb") as file:
                content = file.read()
        except OSError as error:
            message = f"the command is to read {self.file}: {error.strerror}"
            raise BrokenTool(message, hint=f"see {self.where}.{self.keys[0]}") from error
        return content if content.endswith(b"\n") else content + b"\n"


def sent_text(argv: Sequence[str], stdin: IO[bytes] | int) -> str:
    """The command's input that may hold an example of an answer: its standard input, and prompts in its words.

    A word after `-c` or `-e` is a program, which prints answers of its own.
    """
    prompts = [word for before, word in pairwise(argv) if "{" in word and before not in {"-c", "-e"}]
    if not isinstance(stdin, int):
        stdin.seek(0)
        prompts.append(stdin.read().decode(errors="replace"))
    return "\n".join(prompts)
