"""What plugins read of how the run is distributed: the same as under xdist, whose own scheduler stays out of it."""

from __future__ import annotations

import pytest


def read_as_controller(config: pytest.Config, workers: int) -> None:
    """Have the options say that `workers` of xdist's are to be had, or none."""
    option, chosen = config.option, config.getoption("dist", "no")
    option.numprocesses = workers
    option.dist = "no" if not workers else "load" if chosen == "no" else chosen
    option.tx = ["popen"] * workers
    for name in ("dsession", "terminaldistreporter"):
        config.pluginmanager.set_blocked(name)


def read_as_worker(config: pytest.Config) -> None:
    """Have the options say what they do in one of xdist's workers."""
    option = config.option
    option.looponfail = option.usepdb = option.distload = False
    option.dist = "no"
    option.numprocesses = option.maxprocesses = None
    option.tx = []
