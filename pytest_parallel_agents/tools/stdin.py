"""A command's standard input: a file, and the changes since a revision of git."""

from __future__ import annotations

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

INPUT: Final = "{}"
"""The placeholder for the input in a command that runs once for `each`."""


class Stdin(msgspec.Struct, frozen=True, kw_only=True):
    """The file comes first, then the changes since `base`, in `paths` or anywhere below the root. Both may be empty.
    `where` names the table in messages.

    The changes are those since the last common ancestor of `base` and HEAD, committed or not; later changes of others
    to `base` are not included.
    """

    where: str = ""
    file: str = ""
    base: str = ""
    paths: tuple[str, ...] = ()

    def of(self, chosen: str | None) -> Stdin:
        """The standard input of one input's check."""
        if chosen is None:
            return self
        paths = tuple(path.replace(INPUT, chosen) for path in self.paths)
        return replace(self, file=self.file.replace(INPUT, chosen), paths=paths)

    @contextmanager
    def open(self, root: Path) -> Iterator[IO[bytes] | int]:
        """The file to pass as `stdin`. Skips the check when nothing has changed.

        Raises BrokenTool when the file cannot be read, or git cannot list the changes.
        """
        if not self.file and not self.base:
            yield subprocess.DEVNULL
            return
        with tempfile.TemporaryFile() as stdin:
            if self.file:
                stdin.write(self._content(root))
            if self.base:
                self._write_changes(stdin, root)
            stdin.seek(0)
            yield stdin

    def _write_changes(self, stdin: IO[bytes], root: Path) -> None:
        revision = Revision(self.base, f"{self.where}.stdin-diff")
        ancestor = revision.ancestor(root)
        if stdin.tell():
            stdin.write(b"\n")
        stdin.flush()
        start = stdin.tell()
        revision.run_git((*DIFF, "--relative", ancestor, "--", *self.paths), root, stdin)
        if stdin.seek(0, os.SEEK_END) == start:
            where = f" in {', '.join(self.paths)}" if self.paths else ""
            raise pytest.skip.Exception(f"nothing has changed since {self.base}{where}", _use_item_location=True)

    def _content(self, root: Path) -> bytes:
        """The file's content, ended by a line break."""
        try:
            with io.open(os.path.join(root, self.file), "rb") as file:
                content = file.read()
        except OSError as error:
            message = f"the command is to read {self.file}: {error.strerror}"
            raise BrokenTool(message, hint=f"see {self.where}.stdin") from error
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
