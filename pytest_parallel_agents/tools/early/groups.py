"""The process groups of commands, as empty files that remain if the launcher is killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from pytest_parallel_agents.early_bound import builtins, os
from pytest_parallel_agents.process_tree import LeftoverGroups, began_after

__builtins__ = builtins

_SUFFIX: Final = ".group"
_CLOCK_SECONDS: Final = 1.0
"""By how much the clocks of files and of processes may differ."""


def group_file(folder: Path, group: int) -> Path:
    """The file in the folder that is there from the start of a command until its process group is gone."""
    return folder / f"{group}{_SUFFIX}"


def end_groups(folder: Path, grace: float) -> None:
    """Ends the groups of which files are left: asked first, killed after `grace` seconds."""
    groups = LeftoverGroups(grace)
    ended = list(_left(folder))
    for group, _ in ended:
        groups.add(group)
    groups.close()
    for _, file in ended:
        with suppress(FileNotFoundError):  # another process has ended it too
            os.unlink(file)


def _left(folder: Path) -> Iterator[tuple[int, str]]:
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        file = os.path.join(folder, name)
        group = name.removesuffix(_SUFFIX)
        with suppress(FileNotFoundError):
            # of an ended group the system may have given the number to a later process
            if group != name and not began_after(int(group), os.stat(file).st_mtime + _CLOCK_SECONDS):
                yield int(group), file
