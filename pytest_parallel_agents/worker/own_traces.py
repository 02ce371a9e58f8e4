"""What a fresh interpreter leaves undone when it runs checks once more: plugins would report on them twice."""

from __future__ import annotations

import sys

import pytest

from pytest_parallel_agents.compat.unshareable import open_descriptors
from pytest_parallel_agents.compat.worker_branch import CONNECTIONS
from pytest_parallel_agents.early_bound import builtins

__builtins__ = builtins


def note_connections(config: pytest.Config) -> None:
    """Records by which sockets plugins are connected to their controller's side, when all are configured."""
    sockets = [fd for fd, target in open_descriptors().items() if target.startswith("socket:")]
    config.stash[CONNECTIONS] = sockets


def leave_no_trace(config: pytest.Config) -> None:
    """See `compat.no_trace`. On Windows nothing of it is done: the system has no descriptors to redirect."""
    if sys.platform != "win32":
        from pytest_parallel_agents.compat.no_trace import leave_no_trace as leave

        leave(config)
