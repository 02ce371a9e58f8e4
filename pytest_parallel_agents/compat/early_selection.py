"""What pytest is asked to collect, known before it has parsed its command line for good."""

from __future__ import annotations

from os import PathLike
from typing import Any

import pytest

from pytest_parallel_agents.collection.expected_files import Selection
from pytest_parallel_agents.early_bound import os


def early_selection(config: pytest.Config) -> Selection:
    """The selection of a configuration whose conftests are not loaded yet."""
    early: Any = config
    known, folder = early.known_args_namespace, str(config.invocation_params.dir)
    arguments, _ = early._decide_args(  # noqa: SLF001 - as pytest itself does to find the first conftests
        args=known.file_or_dir,
        pyargs=known.pyargs,
        testpaths=config.getini("testpaths"),
        invocation_dir=config.invocation_params.dir,
        rootpath=config.rootpath,
        warn=False,
    )
    paths = (_absolute(folder, argument.partition("::")[0]) for argument in arguments)
    return Selection(
        paths=tuple(path for path in paths if os.path.exists(path)),
        root=str(config.rootpath),
        patterns=tuple(config.getini("python_files")),
        pruned=tuple(config.getini("norecursedirs")),
        ignored=frozenset(_absolute(folder, path) for path in known.ignore or ()),
        ignored_globs=tuple(_absolute(folder, path) for path in known.ignore_glob or ()),
        environments=known.collect_in_virtualenv,
        every=getattr(known, "doctestmodules", False),
    )


def _absolute(folder: str, path: str | PathLike[str]) -> str:
    return os.path.abspath(os.path.join(folder, path))
