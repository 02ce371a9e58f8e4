"""The program on a host: starts workers there, carries their bytes, and acts on their processes for the controller.

It runs in the interpreter at the other end of the control connection, in the thread that execnet gives it. When the
connection ends, however that happens, it ends the workers.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import execnet

from pytest_parallel_agents.process_tree import LeftoverGroups
from pytest_parallel_agents.runtest.capture import start_errors
from pytest_parallel_agents.transports.base import START_ATTEMPTS, start_fault
from pytest_parallel_agents.transports.remote import host_messages as messages
from pytest_parallel_agents.transports.remote.host_worker import HostedWorker
from pytest_parallel_agents.transports.remote.same_code import digests
from pytest_parallel_agents.wire.gateways import controller_side
from pytest_parallel_agents.wire.run_folder import RunFolder, made_run_folder

BEAT_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 0.2
"""Seconds between looks at what workers have written."""
CHANGED_VARIABLES: Final = ("PYTHONHASHSEED", "PYTHONWARNINGS")
"""Variables with which workers start, and which get their values back before tests run."""


def main(channel: Any) -> None:
    """Serves the controller at the other end of `channel` until it closes the connection."""
    # execnet sends it at the end of the connection; workers would inherit that it is ignored
    signal.signal(signal.SIGINT, lambda _signum, _frame: None)
    settings = messages.decode_settings(channel.receive())
    os.nice(settings.nice)
    folder = Path(settings.folder).expanduser().absolute()
    start = Path(os.path.normpath(folder / settings.below))
    if not start.is_dir():
        channel.send(messages.encode(messages.Refused(f"there is no folder {start}")))
        return
    with made_run_folder() as run_folder:
        for name, data in settings.files.items():
            path = run_folder.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        HostProgram(channel, settings, folder, start, run_folder).serve()


class HostProgram:
    """Serves until the connection ends. `folder` is that of the project, `start` the one in which workers start."""

    def __init__(
        self, channel: Any, settings: messages.HostSettings, folder: Path, start: Path, run_folder: RunFolder
    ) -> None:
        self._channel = channel
        self._settings = settings
        self._folder = folder
        self._start_folder = start
        self._run_folder = run_folder
        self._leftover_groups = LeftoverGroups(settings.grace)
        self._starting = controller_side.Starting()
        self._workers: dict[str, HostedWorker] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()

    def serve(self) -> None:
        self._report(messages.Beat(time.monotonic(), ()))
        self._report(self._ready())
        threading.Thread(target=self._beat, daemon=True).start()
        try:
            while self._serve_next():
                self._look()
        except (EOFError, OSError):  # the controller is gone
            pass
        finally:
            self._end()

    def _ready(self) -> messages.Ready:
        return messages.Ready(
            folder=str(self._folder),
            run_folder=str(self._run_folder.path),
            path=tuple(entry for entry in sys.path if entry),  # this program is no script: the first is its folder
            variables={name: os.environ[name] for name in CHANGED_VARIABLES if name in os.environ},
            executable=sys.executable,
            version=sys.version_info[:3],
            platform=sys.platform,
        )

    def _serve_next(self) -> bool:
        """Serves one command, if one comes soon. Returns whether more may come."""
        try:
            data, channel = self._channel.receive(timeout=_LOOK_SECONDS)
        except self._channel.TimeoutError:
            return True
        command = messages.decode_command(data)
        match command:
            case messages.CloseHost():
                return False
            case messages.StartOnHost():
                threading.Thread(target=self._start, args=(command, channel), daemon=True).start()
            case messages.DigestOnHost():
                self._report(digests(self._folder, command))
            case _:
                self._serve_worker(command)
        return True

    def _serve_worker(self, command: messages.OfWorker) -> None:
        worker = self._workers.get(command.worker)
        if worker is None:
            return
        match command:
            case messages.InterruptOnHost():
                worker.interrupt()
            case messages.KillOnHost():
                worker.kill()
            case messages.DumpOnHost():
                worker.dump_stacks()
            case messages.EndDetachedOnHost():
                worker.end_detached()

    def _start(self, command: messages.StartOnHost, channel: Any) -> None:
        """In a thread of its own: an interpreter takes a while to answer."""
        name = command.worker
        files = self._run_folder.of(name)
        fault = ""
        for _ in range(START_ATTEMPTS):
            if self._starting.given_up:
                return
            files.errors.unlink(missing_ok=True)
            try:
                with files.errors.open("ab") as errors:
                    spec = execnet.XSpec(f"popen//id={name}")
                    pipes = controller_side.start_serving(spec, self._launch(), errors, self._starting)
            except (OSError, EOFError) as error:
                fault = start_fault(error)
                continue
            worker = HostedWorker(pipes, channel, files, self._settings.run, self._report)
            if self._settings.live:
                worker.show_live(read=not command.aside)
            with self._lock:
                self._workers[name] = worker
            if self._closing.is_set():
                worker.end()
                return
            self._report(messages.Started(name, pipes.popen.pid))
            worker.begin()
            return
        reason = f"an interpreter {fault}, {START_ATTEMPTS} times"
        self._report(messages.NotStarted(name, "\n".join([reason, start_errors(files.errors)]).strip()))

    def _launch(self) -> controller_side.Launch:
        settings = self._settings
        kept = {name: value for name, value in os.environ.items() if name not in CHANGED_VARIABLES}
        return controller_side.Launch(settings.flags, {**kept, **settings.variables}, str(self._start_folder))

    def _look(self) -> None:
        for name, worker in self._known():
            status = worker.send_changes()
            if status is not None:
                self._leftover_groups.add(worker.group)
                self._report(messages.Ended(name, status))

    def _beat(self) -> None:
        try:
            while not self._closing.wait(BEAT_SECONDS):
                stopped = [name for name, worker in self._known() if worker.is_stopped()]
                self._report(messages.Beat(time.monotonic(), tuple(stopped)))
        except OSError:  # the controller is gone
            return

    def _known(self) -> list[tuple[str, HostedWorker]]:
        with self._lock:
            return list(self._workers.items())

    def _end(self) -> None:
        self._closing.set()
        self._starting.give_up()
        with ExitStack() as ends:
            ends.callback(self._leftover_groups.close)
            for _, worker in self._known():
                ends.callback(self._leftover_groups.add, worker.group)
                ends.callback(worker.end)

    def _report(self, event: messages.HostEvent) -> None:
        self._channel.send(messages.encode(event))
