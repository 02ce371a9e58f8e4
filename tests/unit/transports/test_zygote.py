from __future__ import annotations

import os
import queue
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from pytest_parallel_agents.transports.zygote import Zygote, ZygoteLost
from tests.processes import PATIENCE, wait_until_gone

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

Ends = queue.SimpleQueue[tuple[str, int]]
Work = Callable[[str, socket.socket], None]
ForkWorker = Callable[[Work], tuple[Zygote, Ends]]


@pytest.fixture
def fork_worker() -> Iterator[ForkWorker]:
    """Makes a zygote and the queue of its workers' ends."""
    zygotes = []

    def make(work: Work) -> tuple[Zygote, Ends]:
        ends: Ends = queue.SimpleQueue()
        zygotes.append(Zygote(work, lambda worker, _pid, status: ends.put((worker, status))))
        return zygotes[-1], ends

    yield make
    for zygote in zygotes:
        zygote.close()


def serve(worker: str, sock: socket.socket) -> None:
    """Answers each request with its name, and executes a few words."""
    while request := sock.recv(100):
        match request:
            case b"exit":
                os._exit(7)
            case b"raise":
                raise RuntimeError(worker)
            case b"child":
                child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
                sock.sendall(str(child.pid).encode())
            case b"descriptors":
                sock.sendall(str(len(list(Path("/proc/self/fd").iterdir()))).encode())
            case _:
                sock.sendall(f"{worker} {os.getpid()} {os.getpgid(0)}".encode())


def fork(zygote: Zygote, worker: str) -> tuple[int, socket.socket]:
    zygote.request(worker)
    return zygote.take(worker)


def ask(sock: socket.socket, request: bytes = b"who") -> str:
    sock.sendall(request)
    return sock.recv(100).decode()


def test_a_worker_uses_its_socket_from_a_group_of_its_own(fork_worker: ForkWorker) -> None:
    zygote, _ = fork_worker(serve)
    pid, sock = fork(zygote, "gw0")

    with sock:
        assert ask(sock) == f"gw0 {pid} {pid}"


def test_workers_may_be_ordered_together(fork_worker: ForkWorker) -> None:
    zygote, _ = fork_worker(serve)
    names = ["gw0", "gw1", "gw2"]
    for name in names:
        zygote.request(name)
    for name in reversed(names):
        pid, sock = zygote.take(name)
        with sock:
            assert ask(sock) == f"{name} {pid} {pid}"


def test_a_worker_that_is_not_taken_ends_with_the_zygote(fork_worker: ForkWorker) -> None:
    zygote, _ = fork_worker(serve)
    zygote.request("gw0")
    pid, sock = fork(zygote, "gw1")
    with sock:
        zygote.close()
    wait_until_gone(pid)
    (untaken,) = zygote._answers.values()
    assert not isinstance(untaken, OSError)
    assert untaken[1].fileno() == -1


def test_a_worker_whose_socket_is_closed_ends_well(fork_worker: ForkWorker) -> None:
    zygote, ends = fork_worker(serve)
    fork(zygote, "gw0")[1].close()

    assert ends.get(timeout=PATIENCE) == ("gw0", 0)


@pytest.mark.parametrize(("word", "status"), [(b"exit", 7), (b"raise", 70)])
def test_an_exit_code_is_reported(
    fork_worker: ForkWorker, word: bytes, status: int, capfd: pytest.CaptureFixture[str]
) -> None:
    zygote, ends = fork_worker(serve)
    _, sock = fork(zygote, "gw0")

    with sock:
        sock.sendall(word)
        assert ends.get(timeout=PATIENCE) == ("gw0", status)


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_a_signal_is_reported(fork_worker: ForkWorker, signum: signal.Signals) -> None:
    zygote, ends = fork_worker(serve)
    pid, sock = fork(zygote, "gw0")

    with sock:
        ask(sock)
        os.kill(pid, signum)
        assert ends.get(timeout=PATIENCE) == ("gw0", -signum)


def test_the_end_of_the_zygote_is_the_end_of_what_a_lost_worker_has_started(fork_worker: ForkWorker) -> None:
    zygote, ends = fork_worker(serve)
    pid, sock = fork(zygote, "gw0")
    with sock:
        child = int(ask(sock, b"child"))
        os.kill(pid, signal.SIGKILL)
        assert ends.get(timeout=PATIENCE) == ("gw0", -signal.SIGKILL)

    zygote.close()

    wait_until_gone(pid, child)


def test_a_worker_is_replaced_and_leaves_no_zombie(fork_worker: ForkWorker) -> None:
    zygote, ends = fork_worker(serve)
    for name in ("gw0", "gw1", "gw2"):
        _, sock = fork(zygote, name)
        with sock:
            sock.sendall(b"exit")
            assert ends.get(timeout=PATIENCE) == (name, 7)

    assert psutil.Process(zygote.pid).children() == []


def test_the_end_of_one_worker_is_seen_while_another_lives(fork_worker: ForkWorker) -> None:
    zygote, _ = fork_worker(serve)
    _, first = fork(zygote, "gw0")
    _, second = fork(zygote, "gw1")

    with first, second:
        first.sendall(b"exit")
        assert first.recv(100) == b""
        assert ask(second).startswith("gw1 ")


def test_a_worker_inherits_no_siblings_socket(fork_worker: ForkWorker) -> None:
    zygote, _ = fork_worker(serve)
    sockets = [fork(zygote, f"gw{number}")[1] for number in range(4)]

    counts = [ask(sock, b"descriptors") for sock in sockets]

    for sock in sockets:
        sock.close()
    assert len(set(counts)) == 1


def test_closing_ends_the_workers_that_are_left() -> None:
    zygote = Zygote(lambda _worker, _sock: signal.pause(), lambda _worker, _pid, _status: None)
    (first, one), (second, two) = fork(zygote, "gw0"), fork(zygote, "gw1")

    with one, two:
        zygote.close()

    wait_until_gone(zygote.pid, first, second)


def test_a_lost_zygote_is_reported(fork_worker: ForkWorker) -> None:
    zygote, _ = fork_worker(serve)
    fork(zygote, "gw0")[1].close()
    os.kill(zygote.pid, signal.SIGKILL)

    with pytest.raises(ZygoteLost, match=rf"process {zygote.pid}"):
        fork(zygote, "gw1")


@pytest.mark.slow
def test_a_zygote_that_was_stopped_goes_on(fork_worker: ForkWorker) -> None:
    zygote, ends = fork_worker(serve)
    os.kill(zygote.pid, signal.SIGSTOP)
    pid, sock = fork(zygote, "gw0")
    with sock:
        assert ask(sock) == f"gw0 {pid} {pid}"
        os.kill(zygote.pid, signal.SIGSTOP)
        sock.sendall(b"exit")

    zygote.resume()
    assert ends.get(timeout=PATIENCE) == ("gw0", 7)

    os.kill(zygote.pid, signal.SIGSTOP)
    zygote.close()
    wait_until_gone(zygote.pid)


SHORT = """
import errno, os, resource
from pytest_parallel_agents.transports.zygote import Zygote

def limit(extra):
    value = len(os.listdir("/dev/fd")) - 1 + extra
    resource.setrlimit(resource.RLIMIT_NOFILE, (value, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))

zygote = Zygote(lambda worker, sock: sock.recv(1), lambda worker, pid, status: None)
zygote.request("gw9")
taken = zygote.take("gw9")  # now it has all that it needs for itself
if {whose!r} == "zygote":
    resource.prlimit(zygote.pid, resource.RLIMIT_NOFILE, (1, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
else:
    limit(0)
zygote.request("gw0")
try:
    zygote.take("gw0")
except OSError as error:
    print(errno.errorcode[error.errno])
zygote.close()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of another process can be set there alone")
@pytest.mark.parametrize("whose", ["zygote", "controller"])
def test_a_worker_that_there_is_no_descriptor_for_is_refused(whose: str) -> None:
    command = [sys.executable, "-c", SHORT.format(whose=whose)]
    result = subprocess.run(command, check=False, capture_output=True, timeout=PATIENCE)

    assert result.stdout.decode() == "EMFILE\n", result.stderr.decode()


CONTROLLER = """
import os, signal
from pytest_parallel_agents.transports.zygote import Zygote

def work(worker, sock):
    sock.sendall(b"up")
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        signal.pause()

zygote = Zygote(work, lambda worker, pid, status: None)
zygote.request("gw0")
pid, sock = zygote.take("gw0")
sock.recv(2)
print(zygote.pid, pid, flush=True)
signal.pause()
"""


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_however_the_controller_ends_its_workers_end_too(signum: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", CONTROLLER], stdout=subprocess.PIPE) as controller:
        assert controller.stdout is not None
        pids = [int(pid) for pid in controller.stdout.readline().split()]

        controller.send_signal(signum)

        assert controller.wait(PATIENCE) == -signum
        wait_until_gone(*pids)
