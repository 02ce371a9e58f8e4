"""Folders whose files are tests, or help them, by the project's configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from pytest_parallel_agents.convergence.code import PROJECT, Code
from pytest_parallel_agents.project_paths import place

MOST_FILES: Final = 10_000
"""Where there are more, those that were read suffice."""


def folders_of_tests(config: pytest.Config) -> tuple[str, ...]:
    """The `testpaths` in which most files are named like tests, relative to the root.

    Others hold the project's code, with its tests beside it.
    """
    named = [config.rootpath.joinpath(path) for path in config.getini("testpaths")]
    return tuple(place(folder, config.rootpath) for folder in named if folder.is_dir() and _is_of_tests(folder, config))


def _is_of_tests(folder: Path, config: pytest.Config) -> bool:
    if folder == config.rootpath:
        return False
    code, tests, others = Code({}), 0, 0
    for _, file in zip(range(MOST_FILES), folder.rglob("*.py"), strict=False):
        if file.name != "__init__.py":
            is_other = code.role(file.relative_to(folder).as_posix()) == PROJECT
            tests, others = tests + (not is_other), others + is_other
    return tests > others
