"""Hosts that ssh reaches: one ssh process for each, at whose other end is a Python interpreter."""

from __future__ import annotations

import contextlib
import shlex
import subprocess
import tempfile
from typing import IO, Final

import execnet
from execnet.gateway import Gateway

from pytest_parallel_agents import process_tree
from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.wire.gateways import controller_side
from pytest_parallel_agents.wire.gateways.execnet_io import BOOTSTRAP, InterpreterIO

DEFAULT_PYTHON: Final = "python3"
CONNECT_SECONDS: Final = 60.0
"""Seconds in which an interpreter must have answered."""
_END_SECONDS: Final = 2.0
_MOST_BYTES: Final = 2000
_NO_FAULT: Final = "Warning: Permanently added"
"""With this ssh begins, of a host that it has not known before."""


class SshConnection:
    """An ssh process, from `open` on. It can be cut from another thread, also before: then `open` fails soon."""

    gateway: Gateway

    def __init__(self, spec: execnet.XSpec) -> None:
        self.host = shlex.split(str(spec.ssh))[-1]
        self._spec = spec
        self._group = execnet.Group(execmodel="thread")
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - as long as ssh runs
        self._process: subprocess.Popen[bytes] | None = None
        self._is_cut = False

    def open(self) -> None:
        """Raises AgentsError, with ssh's own words, if it does not get to an interpreter."""
        try:
            self.gateway = self._connect()
        except (OSError, EOFError) as error:
            reason = self._words() or str(error) or "it has ended, or no interpreter has answered in time"
            self._errors.close()
            hint = f"try: {shlex.join(_login(self._spec))} {self._spec.python or DEFAULT_PYTHON} --version"
            raise AgentsError(f"--tx ssh={self._spec.ssh}: {reason}", hint=hint) from None

    def close(self) -> None:
        controller_side.end_group(self._group, _END_SECONDS)
        self.cut()
        self._errors.close()

    def cut(self) -> None:
        self._is_cut = True
        if self._process is not None and self._process.poll() is None:
            process_tree.kill(self._process.pid)
            self._process.wait()

    def fault(self) -> str:
        """What ssh, or the shell there, has written to its standard error last."""
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_END_SECONDS)
        return self._words()

    def _connect(self) -> Gateway:
        pipes = InterpreterIO(ssh_command(self._spec), stderr=self._errors)
        self._process = pipes.popen
        if self._is_cut:
            pipes.kill()
        known = execnet.XSpec(f"ssh={self._spec.ssh}//id=host")
        try:
            return controller_side.start_over(self._group, pipes, known, seconds=CONNECT_SECONDS)
        except BaseException:
            pipes.abandon()
            raise

    def _words(self) -> str:
        if self._errors.closed:
            return ""
        size = self._errors.seek(0, 2)
        self._errors.seek(max(0, size - _MOST_BYTES))
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return " / ".join(line.strip() for line in lines if not line.startswith(_NO_FAULT))


def ssh_command(spec: execnet.XSpec) -> list[str]:
    """An ssh without a terminal, and without a question that nobody would answer."""
    program, *options = _login(spec)
    return [program, "-T", *options, f'{spec.python or DEFAULT_PYTHON} -c "{BOOTSTRAP}"']


def _login(spec: execnet.XSpec) -> list[str]:
    """How ssh gets to the host: what is to be executed there follows."""
    config = ["-F", str(spec.ssh_config)] if spec.ssh_config else []
    return ["ssh", "-o", "BatchMode=yes", *config, *shlex.split(str(spec.ssh))]
