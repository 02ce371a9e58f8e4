"""The worker's side of its gateway: waits for the controller's request, and lets the work run as the main thread's
outermost frame.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from execnet import gateway_base

from pytest_parallel_agents.early_bound import builtins, os, queue, signal, socket, struct, threading
from pytest_parallel_agents.wire.gateways.execnet_io import EXEC_MODEL, SocketIO

__builtins__ = builtins

_CLOSE_SECONDS = 5.0


class _Host:
    """A worker's gateway that executes no source text, which would put eight frames below each check."""

    def _host(self) -> None:
        self._requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._has_ended = threading.Event()

    def _local_schedulexec(self, channel: Any, sourcetask: bytes) -> None:  # noqa: ARG002
        self._requests.put(channel)

    def _terminate_execution(self) -> None:
        """Ends a worker that goes on without its controller, as execnet would, in the thread that receives."""
        self._requests.put(None)
        if not self._has_ended.wait(_CLOSE_SECONDS):
            os.kill(os.getpid(), signal.SIGINT)
            if not self._has_ended.wait(2 * _CLOSE_SECONDS):
                os._exit(1)  # noqa: SLF001


class _ForkedGateway(_Host, gateway_base.WorkerGateway):
    """The gateway of a forked worker."""


def serve(sock: socket.socket, worker: str) -> Any:
    """In a forked worker: the channel of the controller's request. Raises EOFError if the controller has ended."""
    io = SocketIO(sock, wait=lambda: None, kill=lambda: os.kill(os.getpid(), signal.SIGKILL))
    io.execmodel = gateway_base.get_execmodel(EXEC_MODEL)
    gateway = _ForkedGateway(io, id=f"{worker}-worker", _startcount=2)
    gateway._host()  # noqa: SLF001
    gateway._initreceive()  # noqa: SLF001
    channel = gateway._requests.get()  # noqa: SLF001
    if channel is None:
        raise EOFError("the controller has gone away")
    return channel


def step_out(channel: Any, main: Callable[[Any], None]) -> None:
    """In a fresh interpreter: arranges that `main(channel)` is called once execnet's frames that led here have
    returned.

    Its main thread then waits for the end of the connection, and that is replaced.
    """
    gateway = channel.gateway
    gateway.__class__ = type("SpawnedGateway", (_Host, type(gateway)), {})
    gateway._host()  # noqa: SLF001
    gateway.join = partial(main, channel)
    channel.close = lambda: None  # as execnet does after the execution
    gateway._execpool.trigger_shutdown()  # noqa: SLF001


@contextlib.contextmanager
def serving(channel: Any) -> Iterator[None]:
    """Runs the worker's work. An exception that ends it is reported; then the controller ends the connection."""
    vars(channel).pop("close", None)
    bind_early(channel)
    gateway, error = channel.gateway, None
    try:
        yield
    except BaseException as raised:  # noqa: BLE001 - there is no other way to report it
        error = gateway_base.geterrortext(raised)
    if error is None or gateway._channelfactory.finished:  # noqa: SLF001
        channel.close()
    else:
        channel.close(error)
    gateway._has_ended.set()  # noqa: SLF001
    with contextlib.suppress(KeyboardInterrupt):
        type(gateway).join(gateway)


def bind_early(channel: Any) -> None:
    """In a worker: lets execnet's code behind the channel call the functions of the time of import, not those that a
    test puts there.

    A function looks among its module's names before it comes to the built-in ones.
    """
    names = type(channel).send.__globals__
    for name, value in vars(builtins).items():
        names.setdefault(name, value)
    names.update(os=os, struct=struct)
