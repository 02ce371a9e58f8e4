"""Coverage in fresh interpreters, in which pytest-cov takes its branch for workers. It lets those on hosts send it."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from pytest_parallel_agents.compat.coverage import controller_of

_DATA_FILE: Final = "COVERAGE_FILE"
"""The variable that gives Coverage.py the name of its data file."""

_HOSTS: Final = "folders on hosts"
"""The name of our entry in Coverage.py's setting `paths`."""


def keep_measured(config: pytest.Config) -> None:
    """Keeps pytest-cov in a fresh interpreter from erasing, at its start, the data of other workers.

    It needs nothing else there: it takes its worker's branch.
    """
    options = config.known_args_namespace
    if hasattr(options, "cov_append"):
        options.cov_append = True


@contextmanager
def own_data_file(workerinput: Mapping[str, Any], path: Path) -> Iterator[None]:
    """While pytest-cov starts in a worker: its data file, and that of the processes that tests start, is at `path` if
    the worker is not where the controller is.

    Such a worker combines all data files that are beside its own, removes them and sends what is in them. In the
    project's folder there are those of other workers, which they still write, and those of earlier runs.
    """
    place = workerinput.get("cov_master_host"), workerinput.get("cov_master_topdir")
    if place in {(None, None), (socket.gethostname(), str(Path.cwd()))}:
        yield
        return
    given = os.environ.get(_DATA_FILE)
    os.environ[_DATA_FILE] = str(path)
    try:
        yield
    finally:
        del os.environ[_DATA_FILE]
        os.environ.update({} if given is None else {_DATA_FILE: given})


def map_hosts(config: pytest.Config) -> None:
    """Lets pytest-cov count lines of a file that hosts have executed as those of the file here.

    It adds the folders of hosts, when their data come, to the settings with which it measures, not to those with which
    it combines.
    """
    controller = controller_of(config)
    combining = getattr(controller, "combining_cov", None)
    if combining is not None and (folders := controller.cov.config.paths.get("source")):
        combining.config.paths[_HOSTS] = folders
