from __future__ import annotations

import os
import queue
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import execnet
import pytest
from execnet.gateway import Gateway

from pytest_parallel_agents.transports.zygote import Zygote
from pytest_parallel_agents.wire.gateways.controller_side import FORKED_MAIN, adopt, new_group
from pytest_parallel_agents.wire.gateways.execnet_io import SocketIO
from pytest_parallel_agents.wire.gateways.worker_side import serve, serving
from tests.processes import PATIENCE

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

Main = Callable[[Any], None]
Connect = Callable[[Main], Gateway]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Makes a gateway to a forked worker that runs this for each request."""
    group = new_group()
    zygotes = []

    def make(main: Main) -> Gateway:
        ends: queue.SimpleQueue[int] = queue.SimpleQueue()

        def work(worker: str, sock: socket.socket) -> None:
            channel = serve(sock, worker)
            with serving(channel):
                main(channel)

        zygote = Zygote(work, lambda _worker, _pid, status: ends.put(status))
        zygotes.append(zygote)
        zygote.request("gw0")
        pid, sock = zygote.take("gw0")
        io = SocketIO(sock, wait=lambda: ends.get(timeout=PATIENCE), kill=lambda: os.kill(pid, signal.SIGKILL))
        return adopt(group, "gw0", io)

    yield make
    group.terminate(timeout=PATIENCE)
    for zygote in zygotes:
        zygote.close()


def echo(channel: Any) -> None:
    for received in channel:
        channel.send(received)


def test_a_forked_worker_is_spoken_to_as_any_other(connect: Connect) -> None:
    gateway = connect(echo)
    channel = gateway.remote_exec(FORKED_MAIN)

    for value in (b"\x00" * 1_000_000, "text", (1, [2, None]), {"a": 1.5}):
        channel.send(value)
        assert channel.receive(PATIENCE) == value
    assert gateway.id == "gw0"


def test_it_runs_in_its_main_thread(connect: Connect) -> None:
    channel = connect(lambda channel: channel.send(threading.current_thread() is threading.main_thread())).remote_exec(
        FORKED_MAIN
    )

    assert channel.receive(PATIENCE) is True


def test_messages_arrive_while_it_works(connect: Connect) -> None:
    def work(channel: Any) -> None:
        heard = threading.Event()
        channel.setcallback(lambda _order: heard.set())
        channel.send("working")
        channel.send(heard.wait(PATIENCE))

    channel = connect(work).remote_exec(FORKED_MAIN)
    assert channel.receive(PATIENCE) == "working"
    channel.send("order")
    assert channel.receive(PATIENCE) is True


def test_an_error_that_ends_the_work_is_reported(connect: Connect) -> None:
    channel = connect(lambda channel: channel.nothing).remote_exec(FORKED_MAIN)

    with pytest.raises(execnet.RemoteError, match="no attribute"):
        channel.receive(PATIENCE)


def test_the_channel_of_a_worker_that_dies_ends(connect: Connect) -> None:
    channel = connect(lambda _channel: os._exit(3)).remote_exec(FORKED_MAIN)

    with pytest.raises(EOFError):
        channel.receive(PATIENCE)


def test_a_worker_that_ignores_everything_is_killed(connect: Connect) -> None:
    def work(channel: Any) -> None:
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, signal.SIG_IGN)
        channel.send("deaf")
        while True:
            signal.pause()

    gateway = connect(work)
    channel = gateway.remote_exec(FORKED_MAIN)
    assert channel.receive(PATIENCE) == "deaf"

    gateway._group.terminate(timeout=0.1)

    assert len(gateway._group) == 0
