"""The files that a command writes its streams to while it runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Final

import pytest

from pytest_parallel_agents.early_bound import io, os, tempfile

STREAMS: Final = ("stdout", "stderr")

WITHOUT_NAMES: Final[Mapping[str, Path]] = MappingProxyType({})

STREAM_FILES: Final = pytest.StashKey[Mapping[str, Path]]()
"""The file of each stream in this process, which runs one command at a time."""


@contextlib.contextmanager
def stream_file(path: Path | None) -> Iterator[BinaryIO]:
    """A file to write to. It is kept at its path when the command is interrupted: the interrupter reads it."""
    if path is None:
        with tempfile.TemporaryFile() as file:
            yield file
        return
    with io.open(path, "w+b") as file:
        yield file
    with contextlib.suppress(PermissionError):  # Windows, while a process of the command still has it open
        os.unlink(path)
