"""Coverage in workers: the data of each must be there at the end, for the controller to combine."""

from __future__ import annotations

import sys
from typing import Any

import pytest


def prepare(config: pytest.Config) -> None:
    """Lets pytest-cov's per-test contexts work in a forked worker: the controller's branch records none."""
    controller = controller_of(config)
    if controller is not None:
        controller.started = True


def stop() -> None:
    """Measures nothing further in this process, whose data is not needed: a thread has only one trace function.

    Of nested measurements an outer one goes on when the inner one stops. pytest-cov nests two in a fresh interpreter.
    """
    coverage = sys.modules.get("coverage")
    while coverage is not None and (current := coverage.Coverage.current()) is not None:
        current.stop()


def save(config: pytest.Config, worker: str) -> None:
    """Writes this process's data beside the others', and reports it to pytest-cov's controller.

    Coverage started by other means is saved only if it is set to keep one file per process.
    """
    coverage = sys.modules.get("coverage")
    current = coverage.Coverage.current() if coverage is not None else None
    if current is None:
        return
    managed = controller_of(config) is not None
    if managed or current.get_option("run:parallel"):
        current.stop()
        current.save()
    if managed:
        config.workeroutput["cov_worker_node_id"] = worker  # type: ignore[attr-defined]


def controller_of(config: pytest.Config) -> Any:
    """What pytest-cov measures with; None without it."""
    plugin = config.pluginmanager.getplugin("_cov")
    return getattr(plugin, "cov_controller", None)
