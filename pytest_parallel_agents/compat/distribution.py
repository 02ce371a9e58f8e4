"""The options from which plugins read how the run is distributed: as under xdist, whose own scheduler stays unused."""

from __future__ import annotations

import pytest


def read_as_controller(config: pytest.Config, workers: int) -> None:
    """Sets the options as if there were `workers` of xdist's, or none."""
    option, chosen = config.option, config.getoption("dist", "no")
    option.numprocesses = workers
    option.dist = "no" if not workers else "load" if chosen == "no" else chosen
    option.tx = ["popen"] * workers
    for name in ("dsession", "terminaldistreporter"):
        config.pluginmanager.set_blocked(name)


def read_as_worker(config: pytest.Config) -> None:
    """Sets the options as in one of xdist's workers."""
    option = config.option
    option.looponfail = option.usepdb = option.distload = False
    option.dist = "no"
    option.numprocesses = option.maxprocesses = None
    option.tx = []
