"""What plugins written for xdist's workers rely on, in the controller and in the worker."""

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

from pytest_parallel_agents.early_bound import os


def export_identity(workerinput: dict[str, Any]) -> None:
    """Tell the worker's own process and its children which worker it is, by xdist's names."""
    os.environ["PYTEST_XDIST_WORKER"] = workerinput["workerid"]
    os.environ["PYTEST_XDIST_WORKER_COUNT"] = str(workerinput["workercount"])
    os.environ["PYTEST_XDIST_TESTRUNUID"] = workerinput["testrunuid"]


def interpreter() -> dict[str, Any]:
    """What xdist tells of a worker's interpreter; the head of each failure names it."""
    return {
        "version": sys.version,
        "version_info": tuple(sys.version_info),
        "sysplatform": sys.platform,
        "platform": platform.platform(),
        "executable": sys.executable,
        "cwd": str(Path.cwd()),
    }


def handle_crash(config: pytest.Config, report: pytest.TestReport) -> None:
    """Show plugins the report of a crashed check. They may ask to have it run again, which is not done."""
    handle = getattr(config.hook, "pytest_handlecrashitem", None)
    if handle is not None:
        scheduler = SimpleNamespace(config=config, mark_test_pending=lambda _nodeid: None)
        handle(crashitem=report.nodeid, report=report, sched=scheduler)
        report.outcome = "failed"


@dataclass(eq=False)
class WorkerNode:
    """The controller's view of one worker, with the attributes of xdist's WorkerController.

    `workeroutput` is there once the worker has ended by itself: plugins ask whether it is.
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
    """Calls xdist's hooks as xdist would. `workers` is the count that plugins are told."""

    def __init__(self, config: pytest.Config, *, workers: int) -> None:
        self._config = config
        self._workers = workers
        self.testrunuid: str = config.getoption("testrunuid", None) or uuid.uuid4().hex
        self._manager = SimpleNamespace(config=config, roots=[], specs=[], testrunuid=self.testrunuid)
        self._heirs: dict[str, dict[str, Any]] = {}

    def take_over(self, worker: str, node: WorkerNode) -> None:
        """Let the worker of this name have what plugins have given to `node`. They are not told of it."""
        self._heirs[worker] = {**node.workerinput, "workerid": worker}

    def configure(self, gateway: Gateway) -> WorkerNode:
        """A node whose `workerinput` holds what plugins add to it."""
        inherited = self._heirs.pop(gateway.id, None)
        workerinput = inherited or {
            "workerid": gateway.id,
            "workercount": self._workers,
            "testrunuid": self.testrunuid,
            "mainargv": sys.argv,
        }
        node = WorkerNode(self._config, gateway, self._manager, workerinput)
        node.workerinfo.update(interpreter(), id=gateway.id, spec=gateway.spec)  # until it introduces itself
        if inherited is None:
            self._call("pytest_configure_node", node=node)
        return node

    def ready(self, node: WorkerNode) -> None:
        self._call("pytest_testnodeready", node=node)

    def down(self, node: WorkerNode, error: object | None) -> None:
        self._call("pytest_testnodedown", node=node, error=error)

    def _call(self, hook: str, **arguments: object) -> None:
        caller = getattr(self._config.hook, hook, None)
        if caller is not None:  # without xdist's plugin there are no such hooks
            caller(**arguments)
