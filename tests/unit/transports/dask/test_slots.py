"""Slots of a real cluster, which are asked for, connected and replaced."""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pytest_parallel_agents.dask_spec import DaskSpec
from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.transports.dask import cluster, connection
from pytest_parallel_agents.transports.dask import slots as module
from pytest_parallel_agents.transports.dask.cluster import Cluster, Kind
from pytest_parallel_agents.transports.dask.connection import LeaseConnection
from pytest_parallel_agents.transports.dask.slots import Slots
from tests.dask_cluster import DaskCluster, dask_cluster
from tests.processes import wait_until_gone

pytestmark = pytest.mark.slow

SECONDS = 60.0


class Joined:
    """What has joined, in that order."""

    def __init__(self) -> None:
        self._arrived: queue.SimpleQueue[tuple[LeaseConnection, Kind]] = queue.SimpleQueue()
        self.taken: list[LeaseConnection] = []

    def put(self, connection: LeaseConnection, kind: Kind) -> None:
        self._arrived.put((connection, kind))

    def next(self) -> tuple[str, Kind]:
        """The Dask worker on which the next slot is, and what it holds."""
        connection, kind = self._arrived.get(timeout=SECONDS)
        self.taken.append(connection)
        return connection.host.rpartition("/")[0], kind


@contextmanager
def kept(
    dask: DaskCluster, *, number: int | None = None, resources: tuple[str, ...] = (), python: str | None = None
) -> Iterator[tuple[Slots, Joined]]:
    joined = Joined()
    connected = Cluster(DaskSpec(dask.address, python=python))
    slots = Slots(connected, number=number, resources=resources, use=joined.put, refuse=lambda _: None)
    try:
        yield slots, joined
    finally:
        slots.close()
        for connection in joined.taken:
            connection.close()
        connected.close()


def test_slots_come_and_go_with_the_workers_of_dask(tmp_path: Path) -> None:
    with dask_cluster(tmp_path) as dask:
        first = dask.add_worker("--no-nanny")
        with kept(dask) as (slots, joined):
            slots.begin()
            assert joined.next()[0] == first.address
            second = dask.add_worker("--no-nanny", threads=2)
            assert [joined.next()[0] for _ in range(2)] == [second.address] * 2
            answers = joined.taken[0].gateway.remote_exec("channel.send(6 * 7)")
            assert answers.receive(SECONDS) == 42
            second.kill()
            third = dask.add_worker("--no-nanny", "--resources", "GPU=1")
            assert joined.next()[0] == third.address
            assert [connection.is_lost for connection in joined.taken] == [False, True, True, False]
            dask.scheduler.kill()
            with slots._changed:
                assert slots._changed.wait_for(lambda: slots.lost, SECONDS)
            assert "scheduler" in slots.lost


def test_slots_of_a_resource_are_on_its_workers(tmp_path: Path) -> None:
    with dask_cluster(tmp_path) as dask:
        dask.add_worker("--no-nanny", threads=2)
        rich = dask.add_worker("--no-nanny", "--resources", "GPU=1", threads=2)
        with kept(dask, number=2, resources=("GPU",)) as (slots, joined):
            slots.begin()
            found = [joined.next() for _ in range(2)]
        assert [address for address, kind in found if kind] == [rich.address]


def test_a_late_scheduler_is_waited_for_and_new_workers_replace_what_could_not_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python, bad = tmp_path / "python", tmp_path / "bad"
    python.write_text(f'#!/bin/sh\ntest -e {bad} && exit 1\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    with dask_cluster(tmp_path / "dask") as dask:
        dask.add_worker("--no-nanny")
        with kept(dask, python=str(python), number=2) as (slots, joined):
            slots.begin()
            joined.next()
            monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.2)
            os.kill(dask.scheduler.pid, signal.SIGSTOP)
            while slots._cluster._looking is None or not slots._cluster._looking.cancelled():
                time.sleep(0.05)
            os.kill(dask.scheduler.pid, signal.SIGCONT)
            monkeypatch.undo()
            bad.touch()
            dask.add_worker("--no-nanny")
            with slots._changed:
                assert slots._changed.wait_for(lambda: slots._faults, SECONDS)
            bad.unlink()
            dask.add_worker("--no-nanny")
            joined.next()


def test_a_cluster_without_workers_is_named_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PLACE_SECONDS", 1.0)
    with dask_cluster(tmp_path) as dask:
        with (
            kept(dask) as (slots, _),
            pytest.raises(AgentsError, match="within 1 s: it has 0 workers with 0 threads"),
        ):
            slots.begin()
        monkeypatch.setattr(module, "PLACE_SECONDS", SECONDS)
        with kept(dask) as (slots, _):
            threading.Timer(0.5, slots.cancel).start()
            with pytest.raises(AgentsError, match="not waited for any longer"):
                slots.begin()


@pytest.mark.parametrize(
    ("python", "fault"), [("/nowhere/python", r"task on .* '/nowhere/python'.*//python="), ("/bin/false", "ended")]
)
def test_an_interpreter_that_is_none_is_named_at_once(tmp_path: Path, python: str, fault: str) -> None:
    with dask_cluster(tmp_path) as dask:
        dask.add_worker("--no-nanny")
        with kept(dask, python=python) as (slots, _), pytest.raises(AgentsError, match=fault):
            slots.begin()


@pytest.fixture
def silent(tmp_path: Path) -> Path:
    """An interpreter that never answers. It writes its `pid` beside itself."""
    program = tmp_path / "silent"
    program.write_text(f"#!/bin/sh\ncd {tmp_path}\necho $$ > starts\nmv starts pid\nexec sleep 1000\n")
    program.chmod(0o755)
    return program


def test_an_interpreter_that_does_not_answer_is_named_and_ended(
    tmp_path: Path, silent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "ANSWER_SECONDS", 1.0)
    with dask_cluster(tmp_path / "dask") as dask:
        dask.add_worker("--no-nanny")
        with kept(dask, python=str(silent)) as (slots, _), pytest.raises(AgentsError, match="not answered within 1 s"):
            slots.begin()
        if (tmp_path / "pid").exists():  # it may have been killed before it came so far
            wait_until_gone(int((tmp_path / "pid").read_text()))


def test_what_is_still_being_connected_is_given_up_at_the_end(
    tmp_path: Path, silent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "ANSWER_SECONDS", 2 * SECONDS)
    with dask_cluster(tmp_path / "dask") as dask:
        dask.add_worker("--no-nanny")
        with kept(dask, python=str(silent)) as (slots, _):

            def cancel_later() -> None:
                while not (tmp_path / "pid").exists():
                    time.sleep(0.05)
                slots.cancel()

            threading.Thread(target=cancel_later).start()
            with pytest.raises(AgentsError, match="not waited for any longer"):
                slots.begin()
            closing = threading.Thread(target=slots.close)
            closing.start()
            closing.join(SECONDS)
            assert not closing.is_alive()
        wait_until_gone(int((tmp_path / "pid").read_text()))
