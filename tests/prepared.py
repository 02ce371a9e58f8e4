"""Runs of pytest that begin in the fork of an interpreter which has imported what each of them needs.

The tests start a thousand of them, and to come up takes an interpreter longer than the rest of such a run. A run that
began in a fork ends as any other, and it is told nothing of it: arguments, environment, folder, module search path,
streams and `__main__` are those of `python -m pytest`. The option `--fresh-interpreters` does without.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import psutil

from tests import prepared_interpreter

PYTEST: Final = [sys.executable, "-mpytest"]
"""How pytester begins a run."""
_PATH: Final = "PYTHONPATH"
_READ_AT_START: Final = ("PYTHON", "LC_", "LANG", "TZ", "COV")
"""What interpreters read when they start, so that the fork of one would not see a change: beginnings of variables."""


class PreparedRun:
    """The part of `subprocess.Popen` that pytester needs."""

    stdin: None = None

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._pid = self._receive()

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, or -N if the signal N has ended the run. Raises subprocess.TimeoutExpired."""
        self._link.settimeout(timeout)
        try:
            return os.waitstatus_to_exitcode(self._receive())
        except TimeoutError:
            raise subprocess.TimeoutExpired("pytest", timeout or 0) from None
        except KeyboardInterrupt:  # the interpreter waits for this run, too, before it begins another
            self.kill()
            raise
        finally:
            self._link.settimeout(None)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)

    def _receive(self) -> int:
        number = self._link.recv(prepared_interpreter.NUMBER_BYTES)
        if not number:
            raise RuntimeError("the prepared interpreter has ended (what it last wrote to stderr says why)")
        return int.from_bytes(number, "little")


class Prepared:
    """The interpreter, which is started when the first run begins."""

    def __init__(self) -> None:
        self._link: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = dict(os.environ)

    def popen(self, otherwise: Callable[..., Any], command: Sequence[str], *, stdin: object, **streams: Any) -> Any:
        """Begin a run of pytest, or what else it is, `otherwise`."""
        environment = self._environment_of_run()
        if list(command[:2]) != PYTEST or isinstance(stdin, (bytes, int)) or environment is None:
            return otherwise(command, stdin=stdin, **streams)
        request = {"arguments": [*command], "folder": str(Path.cwd()), "environment": environment}
        link = self._link = self._link or self._start()
        with Path(os.devnull).open() as nothing:
            files = (nothing, streams["stdout"], streams["stderr"])
            socket.send_fds(link, [json.dumps(request).encode()], [file.fileno() for file in files])
        return PreparedRun(link)

    def descendants(self) -> list[int]:
        """Processes that runs have left behind, whatever became of their parents."""
        if self._process is None:
            return []
        return [child.pid for child in psutil.Process(self._process.pid).children(recursive=True)]

    def close(self) -> None:
        if self._link is not None and self._process is not None:
            self._link.close()
            self._process.wait()

    def _environment_of_run(self) -> dict[str, str] | None:
        """As pytester makes it; None if the interpreter should have been started with it."""
        path = os.pathsep.join(filter(None, [str(Path.cwd()), os.environ.get(_PATH)]))
        environment = {**os.environ, _PATH: path}
        return environment if _read_at_start(environment) == _read_at_start(self._environment) else None

    def _start(self) -> socket.socket:
        link, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {name: value for name, value in self._environment.items() if name != _PATH}
        with other:
            self._process = subprocess.Popen(
                [sys.executable, prepared_interpreter.__file__, str(other.fileno())],
                env=environment,
                pass_fds=[other.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        return link


def _read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_READ_AT_START) and name != _PATH}
