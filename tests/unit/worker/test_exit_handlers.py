from __future__ import annotations

import atexit
import logging
import multiprocessing.util
import weakref
from pathlib import Path

import pytest

from pytest_parallel_agents.worker.exit_handlers import forget_exit_handlers, run_exit_handlers
from tests.unit.forks import in_fork, needs_fork

pytestmark = [needs_fork, pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")]


class Resource: ...


def test_a_worker_does_what_was_registered_in_it_and_nothing_else(tmp_path: Path) -> None:
    done = tmp_path / "done"

    def note(what: str) -> None:
        with done.open("a") as file:
            file.write(f"{what}\n")

    def register(who: str) -> Resource:
        resource = Resource()
        atexit.register(note, f"atexit of the {who}")
        weakref.finalize(resource, note, f"finalizer of the {who}")
        multiprocessing.util.Finalize(None, note, [f"multiprocessing of the {who}"], exitpriority=1)
        return resource

    def worker() -> None:
        inherited = register("controller")
        forget_exit_handlers()
        own = register("worker")
        run_exit_handlers()
        assert inherited is not own

    assert in_fork(worker) == 0
    lines = done.read_text().splitlines()
    assert sorted(lines) == ["atexit of the worker", "finalizer of the worker", "multiprocessing of the worker"]


def test_logs_are_closed(tmp_path: Path) -> None:
    class Buffered(logging.Handler):
        def flush(self) -> None:
            (tmp_path / "flushed").touch()

    def worker() -> None:
        forget_exit_handlers()
        handler = Buffered()
        run_exit_handlers()
        assert handler is not None

    assert in_fork(worker) == 0
    assert (tmp_path / "flushed").exists()
