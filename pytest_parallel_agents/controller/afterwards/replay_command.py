"""The replay command: repeats, without workers, what one worker had run."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import pytest

from pytest_parallel_agents.controller.afterwards.repeated_options import argument, near, repeated_options

_MOST_INLINE: Final = 5
"""Longer lists go into a file: a command line of a thousand tests is not readable."""

_LONGEST: Final = 8 * 1024
"""Characters of a command, where there is no folder for files."""


class ReplayCommands:
    """Makes replay commands. `folder` is for the files of long lists, None if there is none; those of earlier runs are
    removed.
    """

    def __init__(self, config: pytest.Config, folder: Path | None) -> None:
        self._config = config
        self._folder = folder
        self._written = 0

    def of(self, items: Sequence[pytest.Item]) -> str:
        """The command for these, in order; empty if it would be too long."""
        names = [argument(item.nodeid, self._config) for item in items]
        if len(names) > _MOST_INLINE and (file := self._write(names)) is not None:
            names = [f"@{file}"]
        command = shlex.join(["pytest", *self._options(), *names])
        return command if len(command) <= _LONGEST else ""

    def _options(self) -> Iterable[str]:
        """The options that repeat this run, but in one process and in the order of the arguments."""
        yield from repeated_options(self._config)
        yield from ("-n", "0", "--maxfail=0")
        if self._config.pluginmanager.hasplugin("randomly"):
            yield "--randomly-dont-reorganize"

    def _write(self, names: Iterable[str]) -> Path | None:
        if self._folder is None:
            return None
        try:
            self._folder.mkdir(exist_ok=True)
            if not self._written:
                for old in self._folder.glob("*.txt"):
                    old.unlink()
            self._written += 1
            file = self._folder / f"{self._written}.txt"
            file.write_text("".join(f"{name}\n" for name in names), "utf-8")
        except OSError:
            return None
        return near(file, self._config.invocation_params.dir)
