"""Workers on one host: fresh interpreters, which its program starts."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from execnet.gateway import Gateway

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.runtest.capture import start_errors
from pytest_parallel_agents.runtest.live_output import has_pipes, is_live
from pytest_parallel_agents.transports.base import KILL_SECONDS, Link, Transport
from pytest_parallel_agents.transports.remote import host_messages as messages
from pytest_parallel_agents.transports.remote.host import Connection, Host
from pytest_parallel_agents.transports.remote.hosted_process import HostedProcess
from pytest_parallel_agents.transports.remote.moved_paths import MovedPaths
from pytest_parallel_agents.transports.remote.same_code import refuse_other_code
from pytest_parallel_agents.transports.session_settings import Place, RunWide, SessionSettings
from pytest_parallel_agents.transports.surroundings import (
    HASH_SEED,
    Surroundings,
    interpreter_flags,
    surroundings_of,
)
from pytest_parallel_agents.wire.gateways import controller_side
from pytest_parallel_agents.wire.gateways.execnet_io import ChannelIO

_STEERING: Final = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD")
"""Variables that act as arguments of pytest. They are the same everywhere."""


class HostPlace(msgspec.Struct, frozen=True):
    """What the user asks for on a host: the project's `folder` there, niceness, and variables for workers alone.

    `spec` is the execnet spec that plugins see, and `host` the host's name in this run, if not that of the connection.
    """

    spec: str
    folder: str
    nice: int = 0
    variables: Mapping[str, str] = msgspec.field(default_factory=dict)
    host: str = ""


class RemoteTransport:
    """Starts workers at the other end of a connection. `open` comes first, and raises what is wrong there."""

    def __init__(self, run: RunWide, place: HostPlace, code: messages.DigestOnHost) -> None:
        self._run = run
        self._config = run.session.config
        self._run_folder = run.run_folder
        self._asked = place
        self._code = code
        self._here = surroundings_of(self._config)
        self._settings = SessionSettings(run.session)
        self._group = controller_side.new_group()
        self._started: list[str] = []
        self._requested: dict[str, Any] = {}
        self._host: Host
        self._ready: messages.Ready
        self._there: Surroundings
        self._moved: MovedPaths

    def open(self, connection: Connection) -> None:
        """Starts the host's program, and compares the code there with the code here. Raises AgentsError."""
        root = self._config.rootpath
        self._host = Host(self._asked.host or connection.host, connection, self._run_folder)
        try:
            self._ready = self._host.begin(self._host_settings(root))
            refuse_other_code(self._host.name, root, self._code, self._host.digests(self._code))
        except OSError as error:
            self.close()
            raise AgentsError(str(error)) from None
        except AgentsError:
            self.close()
            raise
        self._moved = MovedPaths(root, self._ready.folder)
        self._there = self._surroundings()

    @property
    def starts_clean(self) -> bool:
        return False

    @property
    def lost(self) -> str:
        return f"{self._host.name} {self._host.lost}" if self._host.lost else ""

    def at(self, host: str) -> Transport:  # noqa: ARG002 - there is one
        return self

    def request(self, workers: Sequence[str]) -> None:
        """Begins to start them. `start` follows, which then need not wait as long. Raises HostLost."""
        for worker in workers:
            self._requested[worker] = self._host.request(worker, aside=False)

    def start(self, workers: Sequence[str], *, aside: bool = False) -> list[Link]:
        """Raises HostLost when the host is gone. Then none of these workers is there."""
        requested = self._requested
        channels = [requested.pop(worker, None) or self._host.request(worker, aside=aside) for worker in workers]
        pids = [self._host.take(worker) for worker in workers]
        return [
            self._link(worker, channel, pid, aside=aside)
            for worker, channel, pid in zip(workers, channels, pids, strict=True)
        ]

    def close(self) -> None:
        if not self._host.lost:
            controller_side.end_group(self._group, KILL_SECONDS)
        self._host.close(KILL_SECONDS + self._run.grace)
        for worker in self._started:
            self._show_errors(worker)

    def _show_errors(self, worker: str) -> None:
        """Shows what an interpreter writes after its session."""
        text = start_errors(self._run_folder.of(worker).errors)
        if text and sys.stderr is not None:
            sys.stderr.write(f"{text}\n")

    def _link(self, worker: str, channel: Any, pid: int, *, aside: bool) -> Link:
        process = HostedProcess(self._host, worker, pid)
        io = ChannelIO(channel, wait=process.exit_status, kill=process.kill)
        gateway = controller_side.adopt(self._group, worker, io, self._asked.spec)
        process.gateway = gateway
        controller_side.introduce(gateway, pid=pid, interpreter=self._interpreter())
        to_worker = self._execute(gateway)
        node = self._run.compat.configure(gateway)
        self._started.append(worker)
        with contextlib.suppress(OSError):  # its end is reported by the channel
            to_worker.send(list(self._there.path))
            to_worker.send(self._settings.pack(node, self._place(), aside=aside))
        return Link(node, to_worker, process, self._host.name, self._host.ahead)

    def _execute(self, gateway: Gateway) -> Any:
        """The worker's channel. That of a worker which has ended meanwhile has ended, too."""
        try:
            return controller_side.execute(gateway, controller_side.SPAWNED_MAIN)
        except OSError:
            return self._host.ended_channel()

    def _interpreter(self) -> dict[str, Any]:
        """Facts until the worker reports its own."""
        ready = self._ready
        return {
            "executable": ready.executable,
            "version_info": ready.version,
            "sysplatform": ready.platform,
            "cwd": self._there.folder,
        }

    def _host_settings(self, root: Path) -> messages.HostSettings:
        place = self._asked
        seed = self._here.launch_environment(self._run.hash_seed)[HASH_SEED]
        sent = [path for path in self._run_folder.shared if path.is_file()]
        return messages.HostSettings(
            folder=place.folder,
            below=os.path.relpath(self._here.folder, root),
            flags=tuple(interpreter_flags()),
            variables={HASH_SEED: seed, **place.variables},
            nice=place.nice,
            run=self._run.compat.testrunuid,
            grace=self._run.grace,
            files={str(path.relative_to(self._run_folder.path)): path.read_bytes() for path in sent},
            live=is_live(self._config) and has_pipes(),
        )

    def _surroundings(self) -> Surroundings:
        """Those of workers there: of this machine's only what belongs to the project, or is an argument."""
        ready, here = self._ready, self._here
        own_seed = {name: value for name, value in here.environment.items() if name == HASH_SEED}
        return Surroundings(
            path=(*self._moved.search_path(here.path), *ready.path),
            argv=tuple(map(self._moved.text, here.argv)),
            environment={**ready.variables, **own_seed},
            folder=os.path.normpath(Path(ready.folder) / os.path.relpath(here.folder, self._config.rootpath)),
        )

    def _place(self) -> Place:
        given = {name: self._here.environment.get(name) for name in _STEERING}
        steering = {name: value and self._moved.text(value) for name, value in given.items()}
        return Place(
            run_folder=self._ready.run_folder,
            argv=self._there.argv,
            arguments=tuple(self._moved.text(str(word)) for word in self._config.invocation_params.args),
            variables={**self._there.users_variables(self._asked.variables), **steering},
            base_temp=None,
            host=self._host.name,
        )
