"""Workers that are fresh interpreters."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any, Final

import execnet
from execnet.gateway import Gateway

from pytest_parallel_agents import process_tree
from pytest_parallel_agents.compat.cache_copy import copy_cache
from pytest_parallel_agents.compat.xdist import WorkerNode, interpreter
from pytest_parallel_agents.process_tree import LeftoverGroups
from pytest_parallel_agents.runtest.capture import start_errors
from pytest_parallel_agents.runtest.live_output import has_pipes, is_live
from pytest_parallel_agents.transports.base import (
    EXIT_SECONDS,
    KILL_SECONDS,
    START_ATTEMPTS,
    Link,
    Transport,
    start_fault,
)
from pytest_parallel_agents.transports.local_process import LocalProcess
from pytest_parallel_agents.transports.session_settings import Place, RunWide, SessionSettings
from pytest_parallel_agents.transports.surroundings import interpreter_flags, surroundings_of
from pytest_parallel_agents.wire.gateways import controller_side
from pytest_parallel_agents.wire.run_folder import WorkerFiles

_STOPPED_SECONDS: Final = 1.0
"""Seconds that a signal may have stopped a starting interpreter before another one replaces it."""


class SpawnTransport:
    """Workers are fresh interpreters on this machine, each with a pytest session of its own."""

    def __init__(self, run: RunWide, specs: Sequence[str], leftover_groups: LeftoverGroups) -> None:
        session, run_folder = run.session, run.run_folder
        self._session = session
        self._settings = SessionSettings(session)
        self._compat = run.compat
        self._run_folder = run_folder
        self._specs = specs
        self._leftover_groups = leftover_groups
        self._started = 0
        self._group = controller_side.new_group()
        self._gateways: dict[str, Gateway] = {}
        self._surroundings = surroundings_of(session.config)
        self._launch = controller_side.Launch(
            interpreter_flags(),
            self._surroundings.launch_environment(run.hash_seed),
            self._surroundings.folder,
        )
        copy_cache(session.config, run_folder.cache)

    @property
    def starts_clean(self) -> bool:
        return False

    @property
    def lost(self) -> str:
        return ""

    def at(self, host: str) -> Transport:  # noqa: ARG002 - there is one
        return self

    def start(self, workers: Sequence[str], *, aside: bool = False) -> list[Link]:
        with ThreadPoolExecutor(len(workers)) as threads:  # an interpreter takes a while to answer
            starting = controller_side.Starting()
            try:
                futures = [threads.submit(self._start, spec, starting) for spec in self._next_specs(workers)]
                stopped: set[int] = set()
                while wait(futures, timeout=_STOPPED_SECONDS).not_done:
                    stopped = _end_stopped(stopped)
            except KeyboardInterrupt:
                starting.give_up()  # or they would be waited for
                raise
        started = [future.result() for future in futures]
        return [self._link(worker, *each, aside=aside) for worker, each in zip(workers, started, strict=True)]

    def _start(self, spec: execnet.XSpec, starting: controller_side.Starting) -> tuple[Gateway, Any]:
        worker = str(spec.id)
        path = self._run_folder.of(worker).errors
        shows_errors = is_live(self._session.config) and not has_pipes()
        fault = ""
        for _ in range(START_ATTEMPTS):
            path.unlink(missing_ok=True)
            try:
                with path.open("ab") as errors:
                    gateway = controller_side.start_interpreter(
                        self._group, spec, self._launch, None if shows_errors else errors, starting
                    )
                    self._gateways[worker] = gateway  # at once, so that it is ended even if the others fail
                    return gateway, self._execute(gateway)
            except (OSError, EOFError) as error:
                fault = start_fault(error)
            if starting.given_up:
                break
        reason = f"an interpreter for worker {worker} {fault}, {START_ATTEMPTS} times"
        raise OSError("\n".join([reason, start_errors(path)]).strip())

    def _execute(self, gateway: Gateway) -> Any:
        try:
            return controller_side.execute(gateway, controller_side.SPAWNED_MAIN)
        except OSError:
            _end(controller_side.process_of(gateway), EXIT_SECONDS, self._leftover_groups)
            raise

    def _next_specs(self, workers: Sequence[str]) -> list[execnet.XSpec]:
        specs = [self._specs[(self._started + n) % len(self._specs)] for n in range(len(workers))]
        specs = ["//".join(part for part in spec.split("//") if not part.startswith("id=")) for spec in specs]
        self._started += len(workers)
        return [execnet.XSpec(f"{spec}//id={worker}") for spec, worker in zip(specs, workers, strict=True)]

    def _link(self, worker: str, gateway: Gateway, channel: Any, *, aside: bool) -> Link:
        controller_side.introduce(gateway, pid=controller_side.process_of(gateway).pid, interpreter=interpreter())
        node = self._compat.configure(gateway)
        with contextlib.suppress(OSError):  # its end is reported by the channel
            channel.send(list(self._surroundings.path))
            channel.send(self._settings.pack(node, self._place(node), aside=aside))
        files = self._run_folder.of(worker)
        return Link(node, channel, _Interpreter(gateway, self._leftover_groups, self._compat.testrunuid, files))

    def close(self) -> None:
        controller_side.end_group(self._group, KILL_SECONDS)
        for worker, gateway in self._gateways.items():
            _end(controller_side.process_of(gateway), KILL_SECONDS, self._leftover_groups)
            self._show_errors(worker)
        self._leftover_groups.close()

    def _show_errors(self, worker: str) -> None:
        """Shows what an interpreter writes after its session."""
        text = start_errors(self._run_folder.of(worker).errors)
        if text and sys.stderr is not None:
            sys.stderr.write(f"{text}\n")

    def _place(self, node: WorkerNode) -> Place:
        config = self._session.config
        factory = getattr(config, "_tmp_path_factory", None)
        chosen = controller_side.chosen_variables(node.gateway.spec)
        return Place(
            run_folder=str(self._run_folder.path),
            argv=self._surroundings.argv,
            arguments=tuple(map(str, config.invocation_params.args)),
            variables=self._surroundings.users_variables(chosen),
            base_temp=None if factory is None else str(factory.getbasetemp() / f"popen-{node.gateway.id}"),
        )


class _Interpreter(LocalProcess):
    """A child process of this one."""

    def __init__(self, gateway: Gateway, leftover_groups: LeftoverGroups, run: str, files: WorkerFiles) -> None:
        super().__init__(run, files)
        self._gateway = gateway
        self._leftover_groups = leftover_groups
        self._process = controller_side.process_of(gateway)

    def pid(self) -> int | None:
        return self._process.pid if self._process.poll() is None else None

    def release(self) -> None:
        self._gateway.exit()

    def exit_status(self) -> int | None:
        self.release()  # its channel is closed, which does not end a healthy interpreter
        return _end(self._process, EXIT_SECONDS, self._leftover_groups)


def _end(process: subprocess.Popen[bytes], seconds: float, leftover_groups: LeftoverGroups) -> int | None:
    """The exit status of a process that was asked to end; None if it had to be killed after so many seconds."""
    try:
        return process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process_tree.kill(process.pid)
        process.wait()
        return None
    finally:
        leftover_groups.add(process.pid)


def _end_stopped(before: set[int]) -> set[int]:
    """Ends the child processes that are stopped and were so before. Returns those that are now."""
    import psutil

    stopped = {child.pid for child in psutil.Process().children() if process_tree.is_stopped(child.pid)}
    for pid in stopped & before:
        process_tree.kill(pid)
    return stopped
