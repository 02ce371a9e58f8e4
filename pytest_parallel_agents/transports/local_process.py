"""Processes on this machine, which are reached by their ids."""

from __future__ import annotations

import contextlib
import os
from abc import ABC, abstractmethod

from pytest_parallel_agents import process_tree
from pytest_parallel_agents.runtest.detached_processes import worker_processes
from pytest_parallel_agents.runtest.stacks import DUMP
from pytest_parallel_agents.wire.run_folder import WorkerFiles


class LocalProcess(ABC):
    """Common to all transports whose workers are on this machine.

    `run` is the run's id, by which detached processes of a worker are recognized, and `files` are the worker's.
    """

    def __init__(self, run: str, files: WorkerFiles) -> None:
        self._run = run
        self._files = files

    @abstractmethod
    def pid(self) -> int | None:
        """Its process id; None if it has ended."""

    def interrupt(self) -> None:
        if (pid := self.pid()) is not None:
            process_tree.interrupt(pid)

    def kill(self) -> None:
        if (pid := self.pid()) is not None:
            process_tree.kill(pid)

    def end_detached(self) -> None:
        itself = self.pid()
        for pid in worker_processes(worker=self._files.worker, run=self._run, journal=self._files.journal):
            if pid != itself:
                process_tree.kill(pid)

    def dump_stacks(self) -> None:
        if DUMP is not None and (pid := self.pid()) is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, DUMP)

    def is_stopped(self) -> bool:
        pid = self.pid()
        return pid is not None and process_tree.is_stopped(pid)

    def host_fault(self) -> str:
        return ""
