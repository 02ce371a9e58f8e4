"""The only module that touches execnet's inside.

execnet offers no gateway to a process that already exists; a forked worker is reached by giving execnet a socket of
ours. Its classes for that are private and will change in execnet 3, hence the pin `execnet<3`.
"""

from __future__ import annotations

import _socket
import _thread
import atexit
import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import IO, Any, Protocol

import execnet
import msgspec
from execnet import gateway_base, gateway_bootstrap, gateway_io
from execnet.gateway import Gateway, RInfo

from pytest_parallel_agents.early_bound import builtins, io, os, queue, signal, socket, struct, subprocess, threading

__builtins__ = builtins

_CLOSE_SECONDS = 5.0
BOOTSTRAP = gateway_io.popen_bootstrapline
"""With this an interpreter waits for what it is to execute."""

EXEC_MODEL = "main_thread_only"  # checks run in the worker's main thread, as asyncio and SIGALRM need it


class SocketIO:
    """execnet's IO protocol over a connected socket.

    It calls functions written in C: tests replace the methods of `socket.socket`.
    """

    def __init__(self, sock: socket.socket, *, wait: Callable[[], int | None], kill: Callable[[], None]) -> None:
        self.execmodel = gateway_base.get_execmodel("thread")
        self._socket = sock
        sock.setblocking(True)  # noqa: FBT003 - there may be a default timeout
        self._reader = io.open(sock.fileno(), "rb", closefd=False)
        self._send = partial(_socket.socket.sendall, sock)
        self._write_lock = _thread.allocate_lock()
        self.wait = wait
        self.kill = kill

    def read(self, numbytes: int) -> bytes:
        data = self._reader.read(numbytes)
        if len(data) < numbytes:
            raise EOFError(f"expected {numbytes} bytes, got {len(data)}")
        return data

    def write(self, data: bytes) -> None:
        with self._write_lock:
            self._send(data)

    def close_read(self) -> None:
        """The receiver thread's last call but one; `close_write` always follows it."""
        self._reader.close()

    def close_write(self) -> None:
        with contextlib.suppress(OSError):  # the peer is gone already
            self._socket.shutdown(socket.SHUT_WR)  # a bare close() would leave the peer waiting for end-of-file
        if self._reader.closed:
            self._socket.close()


class ChannelIO:
    """execnet's IO protocol over a channel to the host that a worker is on: each item has bytes of the worker's pipes.

    No bytes at all end the pipe, in either direction.
    """

    def __init__(self, channel: Any, *, wait: Callable[[], int | None], kill: Callable[[], None]) -> None:
        self.execmodel = gateway_base.get_execmodel("thread")
        self._channel = channel
        self._arrived: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._unread = bytearray()
        self.wait = wait
        self.kill = kill
        channel.setcallback(self._arrived.put, endmarker=b"")

    def read(self, numbytes: int) -> bytes:
        while len(self._unread) < numbytes:
            data = self._arrived.get()
            if not data:
                self._arrived.put(b"")
                raise EOFError(f"expected {numbytes} bytes, got {len(self._unread)}")
            self._unread += data
        data = bytes(self._unread[:numbytes])
        del self._unread[:numbytes]
        return data

    def write(self, data: bytes) -> None:
        self._channel.send(data)

    def close_read(self) -> None:
        """The receiver thread's last call but one."""

    def close_write(self) -> None:
        with contextlib.suppress(OSError):  # the host, or the worker, is gone already
            self._channel.send(b"")


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
    gateway = Gateway(io, known)
    group._register(gateway)  # noqa: SLF001
    return gateway


class Launch(msgspec.Struct, frozen=True):
    """How interpreters are started: command line flags, environment variables, and the folder to start in."""

    flags: Sequence[str]
    environment: Mapping[str, str]
    folder: str


def start_interpreter(group: execnet.Group, spec: execnet.XSpec, launch: Launch, errors: IO[bytes] | None) -> Gateway:
    """A gateway to a fresh interpreter, as `group.makegateway(spec)` gives it. `errors` is its standard error.

    Raises OSError or EOFError if the interpreter ends at once.
    """
    gateway = Gateway(start_serving(spec, launch, errors), spec)
    gateway.spec = spec
    group._register(gateway)  # noqa: SLF001
    if spec.nice:
        gateway.remote_exec(f"import os; os.nice({int(spec.nice)})").waitclose()
    return gateway


def start_serving(spec: execnet.XSpec, launch: Launch, errors: IO[bytes] | None) -> InterpreterIO:
    """The pipes of a fresh interpreter that serves a gateway at its end of them. Raises as `start_interpreter` does."""
    python = gateway_io.shell_split_path(spec.python) if spec.python else [sys.executable, *launch.flags]
    if spec.chdir:
        os.makedirs(spec.chdir, exist_ok=True)
    pipes = InterpreterIO(
        [*python, "-c", gateway_io.popen_bootstrapline],
        stderr=errors,
        env={**launch.environment, **chosen_variables(spec)},
        cwd=spec.chdir or launch.folder,
    )
    spec.execmodel = EXEC_MODEL
    bootstrap = gateway_bootstrap.bootstrap_exec if spec.python else gateway_bootstrap.bootstrap_import
    try:
        bootstrap(pipes, spec)
    except BaseException as error:
        pipes.abandon()
        if isinstance(error, AssertionError | execnet.HostNotFound):
            raise OSError("what it writes first is not what execnet makes an interpreter write") from None
        raise
    return pipes


def start_command(
    group: execnet.Group, command: Sequence[str], spec: execnet.XSpec, errors: IO[bytes], *, seconds: float
) -> Gateway:
    """A gateway to the interpreter that this command starts, on whatever machine. `errors` is its standard error.

    It has nothing but its standard library. Raises OSError or EOFError if the command ends, or has to be killed because
    no interpreter has answered for so many seconds.
    """
    pipes = InterpreterIO(command, stderr=errors)
    pipes.remoteaddress = str(spec.id)  # with which execnet reports that the command has ended
    spec.execmodel = "thread"
    timer = threading.Timer(seconds, pipes.kill)
    timer.start()
    try:
        gateway_bootstrap.bootstrap_exec(pipes, spec)
    except AssertionError:
        pipes.abandon()
        raise OSError("something else is printed before an interpreter starts there") from None
    except (OSError, execnet.HostNotFound):
        pipes.abandon()
        raise EOFError from None
    finally:
        timer.cancel()
    if pipes.popen.poll() is not None:
        pipes.abandon()
        raise EOFError
    gateway = Gateway(pipes, spec)
    group._register(gateway)  # noqa: SLF001
    return gateway


class RemoteIO(Protocol):
    """execnet's IO protocol over a connection to an interpreter that waits for what it is to execute."""

    execmodel: Any

    def read(self, numbytes: int) -> bytes:
        """So many bytes. Raises EOFError if fewer come."""

    def write(self, data: bytes) -> None:
        """Raises OSError if the interpreter is known to have ended."""

    def close_read(self) -> None:
        """Nothing more is read."""

    def close_write(self) -> None:
        """Nothing more is written."""

    def wait(self) -> int | None:
        """Waits for its end, and returns its exit status if that is known."""

    def kill(self) -> None:
        """Ends it at once."""


def start_over(group: execnet.Group, io: RemoteIO) -> Gateway:
    """A gateway to the interpreter at the other end of `io`, which has nothing but its standard library.

    Raises OSError or EOFError if it has ended, or answers with something else.
    """
    spec = execnet.XSpec("python=there//execmodel=thread")
    group.allocate_id(spec)
    try:
        gateway_bootstrap.bootstrap_exec(io, spec)
    except AssertionError:
        raise OSError("something else is printed before an interpreter starts there") from None
    gateway = Gateway(io, spec)
    group._register(gateway)  # noqa: SLF001
    return gateway


def chosen_variables(spec: execnet.XSpec) -> dict[str, str]:
    """Environment variables that the user sets for these workers alone, by `env:NAME=value`."""
    return {name: str(value) for name, value in spec.env.items()}


class InterpreterIO(gateway_io.Popen2IOMaster):
    """execnet's own class takes no environment, folder and standard error."""

    def __init__(self, command: Sequence[str], **options: Any) -> None:
        if hasattr(os, "setpgid"):
            options["process_group"] = 0  # from the start, or Ctrl-C would interrupt an interpreter that only starts
        self.popen = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options)
        gateway_base.Popen2IO.__init__(self, self.popen.stdin, self.popen.stdout, gateway_base.get_execmodel("thread"))

    def abandon(self) -> None:
        """Ends the interpreter, which has got no message yet, and closes the pipes."""
        self.kill()
        for pipe in (self.popen.stdin, self.popen.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # unwritten data has no reader
                    pipe.close()
        self.wait()


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


FORKED_MAIN = "a forked worker knows what to do"
SPAWNED_MAIN = (
    "import sys; sys.path[:] = channel.receive(); "
    "from pytest_parallel_agents.worker.spawned import main; "
    "from pytest_parallel_agents.wire.execnet_io import step_out; step_out(channel, main)"
)
