"""The files that a worker writes for the controller."""

from __future__ import annotations

from functools import partial

import pytest

from pytest_parallel_agents.early_bound import builtins
from pytest_parallel_agents.runtest.capture import own_capture
from pytest_parallel_agents.runtest.detached_processes import worker_processes
from pytest_parallel_agents.runtest.fixture_setups import note_setups
from pytest_parallel_agents.runtest.leak_detection import LEAKS
from pytest_parallel_agents.runtest.live_output import show_live
from pytest_parallel_agents.wire.run_folder import WorkerFiles

__builtins__ = builtins


def write_to_own_files(config: pytest.Config, files: WorkerFiles) -> None:
    """Output of checks, and what fixtures are set up when."""
    own_capture(config, files)
    note_setups(config, files.setups)
    show_live(config, files)


def look_for_detached(config: pytest.Config, files: WorkerFiles, run: str) -> None:
    """Find processes that checks leave behind, also those that have left the worker's group. `run` is the run's id."""
    find = partial(worker_processes, worker=files.worker, run=run, journal=files.journal)
    config.stash[LEAKS].include_detached(find)
