"""The interface that plugins written for xdist's workers rely on, in the controller and in the worker."""

from __future__ import annotations

import platform
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from execnet.gateway import Gateway

from pytest_parallel_agents.compat.fresh_coverage import map_hosts
from pytest_parallel_agents.early_bound import os


def export_identity(workerinput: dict[str, Any]) -> None:
    """Exports the worker's identity to its own process and its children, by xdist's names."""
    os.environ["PYTEST_XDIST_WORKER"] = workerinput["workerid"]
    os.environ["PYTEST_XDIST_WORKER_COUNT"] = str(workerinput["workercount"])
    os.environ["PYTEST_XDIST_TESTRUNUID"] = workerinput["testrunuid"]


def interpreter() -> dict[str, Any]:
    """Xdist's facts of a worker's interpreter; the head of each failure names it."""
    return {
        "version": sys.version,
        "version_info": tuple(sys.version_info),
        "sysplatform": sys.platform,
        "platform": platform.platform(),
        "executable": sys.executable,
        "cwd": str(Path.cwd()),
    }


def handle_crash(config: pytest.Config, report: pytest.TestReport) -> None:
    """Passes the report of a crashed check to plugins. They may request to run it again, which is not done."""
    handle = getattr(config.hook, "pytest_handlecrashitem", None)
    if handle is not None:
        scheduler = SimpleNamespace(config=config, mark_test_pending=lambda _nodeid: None)
        handle(crashitem=report.nodeid, report=report, sched=scheduler)
        report.outcome = "failed"


@dataclass(eq=False)
class WorkerNode:
    """The controller's view of one worker, with the attributes of xdist's WorkerController.

    `workeroutput` is set once the worker has ended by itself: plugins test for it.
    """

    config: pytest.Config
    gateway: Gateway
    nodemanager: SimpleNamespace
    workerinput: dict[str, Any]
    workeroutput: dict[str, Any] = field(init=False)
    workerinfo: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<WorkerController {self.gateway.id}>"


class XdistCompat:
    """Calls xdist's hooks as xdist would. `workers` is the count for plugins."""

    def __init__(self, config: pytest.Config, *, workers: int) -> None:
        self._config = config
        self._workers = workers
        self.testrunuid: str = config.getoption("testrunuid", None) or uuid.uuid4().hex
        self._manager = SimpleNamespace(config=config, roots=[], specs=[], testrunuid=self.testrunuid)
        self._replacements: dict[str, dict[str, Any]] = {}
        map_hosts(config)

    def take_over(self, worker: str, node: WorkerNode | None) -> None:
        """Gives the worker of this name what plugins have given to `node`, without calling them."""
        given = self._workerinput(worker) if node is None else node.workerinput
        self._replacements[worker] = {**given, "workerid": worker}

    def configure(self, gateway: Gateway) -> WorkerNode:
        """A node whose `workerinput` has the plugins' additions."""
        inherited = self._replacements.pop(gateway.id, None)
        node = WorkerNode(self._config, gateway, self._manager, inherited or self._workerinput(gateway.id))
        node.workerinfo.update(interpreter(), id=gateway.id, spec=gateway.spec)  # until the worker reports its own
        if inherited is None:
            self._call("pytest_configure_node", node=node)
        return node

    def _workerinput(self, worker: str) -> dict[str, Any]:
        return {
            "workerid": worker,
            "workercount": self._workers,
            "testrunuid": self.testrunuid,
            "mainargv": sys.argv,
        }

    def ready(self, node: WorkerNode) -> None:
        self._call("pytest_testnodeready", node=node)

    def down(self, node: WorkerNode, error: object | None) -> None:
        self._call("pytest_testnodedown", node=node, error=error)

    def _call(self, hook: str, **arguments: object) -> None:
        caller = getattr(self._config.hook, hook, None)
        if caller is not None:  # without xdist's plugin these hooks do not exist
            caller(**arguments)
