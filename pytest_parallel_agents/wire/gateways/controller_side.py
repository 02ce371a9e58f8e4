"""The controller's side of gateways: starts interpreters, and reaches workers and hosts that serve already."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any, Final

import execnet
import msgspec
from execnet import gateway_base, gateway_bootstrap, gateway_io
from execnet.gateway import Gateway, RInfo

from pytest_parallel_agents.early_bound import builtins, os, subprocess, threading
from pytest_parallel_agents.wire.gateways.execnet_io import (
    BOOTSTRAP,
    EXEC_MODEL,
    ChannelIO,
    InterpreterIO,
    RemoteIO,
    SocketIO,
)

__builtins__ = builtins

FORKED_MAIN: Final = "a forked worker knows what to do"
SPAWNED_MAIN: Final = (
    "import sys; sys.path[:] = channel.receive(); "
    "from pytest_parallel_agents.worker.spawned import main; "
    "from pytest_parallel_agents.wire.gateways.worker_side import step_out; step_out(channel, main)"
)


def new_group() -> execnet.Group:
    """A group whose workers run their work in their main thread."""
    return execnet.Group(execmodel=EXEC_MODEL)


def end_group(group: execnet.Group, seconds: float) -> None:
    """Ends all gateways of the group, and unregisters execnet's clean-up at the end of the process, which would keep
    them and all that they refer to until then.
    """
    group.terminate(timeout=seconds)
    atexit.unregister(group._cleanup_atexit)  # noqa: SLF001


def adopt(group: execnet.Group, worker: str, io: SocketIO | ChannelIO, spec: str = "fork") -> Gateway:
    """A gateway to a worker that serves the other end of `io` already."""
    known = execnet.XSpec(f"{spec}//id={worker}//execmodel={EXEC_MODEL}")
    group.allocate_id(known)
    return _gateway(group, io, known)


class Launch(msgspec.Struct, frozen=True):
    """How interpreters are started: command line flags, environment variables, and the folder to start in."""

    flags: Sequence[str]
    environment: Mapping[str, str]
    folder: str


class Starting:
    """Interpreters that may not have answered yet. Once they are `given_up` none is left, and each new one ends."""

    def __init__(self) -> None:
        self.given_up = False
        self._pipes: list[InterpreterIO] = []

    def add(self, pipes: InterpreterIO) -> None:
        """One has been started. Safe to use from any thread."""
        self._pipes.append(pipes)
        if self.given_up:
            pipes.kill()

    def give_up(self) -> None:
        """Kills them."""
        self.given_up = True
        for pipes in list(self._pipes):
            pipes.kill()


def start_interpreter(
    group: execnet.Group, spec: execnet.XSpec, launch: Launch, errors: IO[bytes] | None, starting: Starting
) -> Gateway:
    """A gateway to a fresh interpreter, as `group.makegateway(spec)` gives it. `errors` is its standard error.

    Raises OSError or EOFError if the interpreter ends at once.
    """
    gateway = _gateway(group, start_serving(spec, launch, errors, starting), spec)
    if spec.nice:
        gateway.remote_exec(f"import os; os.nice({int(spec.nice)})").waitclose()
    return gateway


def start_serving(spec: execnet.XSpec, launch: Launch, errors: IO[bytes] | None, starting: Starting) -> InterpreterIO:
    """The pipes of a fresh interpreter that serves a gateway at its end of them. Raises as `start_interpreter` does."""
    python = gateway_io.shell_split_path(spec.python) if spec.python else [sys.executable, *launch.flags]
    if spec.chdir:
        os.makedirs(spec.chdir, exist_ok=True)
    pipes = InterpreterIO(
        [*python, "-c", BOOTSTRAP],
        stderr=errors,
        env={**launch.environment, **chosen_variables(spec)},
        cwd=spec.chdir or launch.folder,
    )
    spec.execmodel = EXEC_MODEL
    starting.add(pipes)
    try:
        _let_serve(pipes, spec, gateway_bootstrap.bootstrap_exec if spec.python else gateway_bootstrap.bootstrap_import)
    except BaseException:
        pipes.abandon()
        raise
    return pipes


def start_over(group: execnet.Group, io: RemoteIO, spec: execnet.XSpec, *, seconds: float) -> Gateway:
    """A gateway to the interpreter at the other end of `io`, which has nothing but its standard library.

    Raises OSError if it answers with something else, and EOFError if it has ended, or had to be killed because it has
    not answered for so many seconds.
    """
    spec.execmodel = "thread"
    timer = threading.Timer(seconds, io.kill)
    timer.start()
    try:
        _let_serve(io, spec, gateway_bootstrap.bootstrap_exec)
    finally:
        timer.cancel()
    return _gateway(group, io, spec)


def chosen_variables(spec: execnet.XSpec) -> dict[str, str]:
    """Environment variables that the user sets for these workers alone, by `env:NAME=value`."""
    return {name: str(value) for name, value in spec.env.items()}


def introduce(gateway: Gateway, *, pid: int, interpreter: dict[str, Any]) -> None:
    """Makes `gateway._rinfo()` return known facts: a request to a worker that runs a check would never return."""
    known = {
        "executable": interpreter["executable"],
        "version_info": tuple(interpreter["version_info"][:5]),
        "platform": interpreter["sysplatform"],
        "cwd": interpreter["cwd"],
        "pid": pid,
    }
    gateway._cache_rinfo = RInfo(known)  # noqa: SLF001


def execute(gateway: Gateway, source: str) -> Any:
    """Executes this in the worker and returns its channel. Raises OSError if the worker has ended, and forgets the
    gateway.
    """
    try:
        return gateway.remote_exec(source)
    except OSError:
        gateway.exit()
        raise


def remote_error(channel: Any) -> str:
    """The last line of the error with which the other side has closed the channel; empty if there was none."""
    error = channel._getremoteerror()  # noqa: SLF001
    return str(error).strip().splitlines()[-1] if isinstance(error, gateway_base.RemoteError) else ""


def process_of(gateway: Gateway) -> subprocess.Popen[bytes]:
    """The process behind a gateway that execnet started here."""
    process: subprocess.Popen[bytes] = gateway._io.popen  # type: ignore[attr-defined]  # noqa: SLF001
    return process


def _let_serve(io: RemoteIO, spec: execnet.XSpec, bootstrap: Callable[[RemoteIO, execnet.XSpec], None]) -> None:
    """Raises OSError if the interpreter answers with something else, and EOFError if it has ended."""
    try:
        bootstrap(io, spec)
        has_ended = io.has_ended  # which execnet keeps to itself
    except AssertionError:
        raise OSError("something else is printed before an interpreter starts there") from None
    except OSError:
        has_ended = True
    if has_ended:
        raise EOFError


def _gateway(group: execnet.Group, io: Any, spec: execnet.XSpec) -> Gateway:
    gateway = Gateway(io, spec)
    group._register(gateway)  # noqa: SLF001
    return gateway
