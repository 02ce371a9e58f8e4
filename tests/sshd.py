"""An OpenSSH server of the tests' own, on this machine: its keys, its configuration, a port of its own."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil

from tests.ports import free_port

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin") or ""


class Server(msgspec.Struct, frozen=True):
    """A running server. `config` is for `ssh -F`, in which it is the host `machine`, and `temporary` is the folder for
    temporary files of its sessions.
    """

    config: Path
    temporary: Path
    process: subprocess.Popen[bytes]

    def spec(self, folder: Path, python: str, **others: object) -> str:
        """Workers in this folder."""
        parts = [f"ssh=machine//ssh_config={self.config}//chdir={folder}//python={python}"]
        return "//".join([*parts, *(f"{name}={value}" for name, value in others.items())])

    def left_behind(self) -> list[Path]:
        """Folders of runs that have ended."""
        return list(self.temporary.glob("pytest-agents-*"))

    def sessions(self) -> list[psutil.Process]:
        """The server's processes for the connections that it has."""
        return psutil.Process(self.process.pid).children()


@contextlib.contextmanager
def ssh_server(folder: Path) -> Iterator[Server]:
    """A server whose files are in this folder. Its sessions end with it.

    A bash that it starts takes itself for one within another and leaves out `.bashrc`: what that does takes time, and
    what is killed on the way may leave a lock behind, as that of `pyenv init`, for which the next login waits a minute.
    """
    for name in ("host_key", "user_key"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True, stdin=subprocess.DEVNULL
        )
    (folder / "temporary").mkdir()
    port = free_port()
    (folder / "sshd_config").write_text(
        f"""
        Port {port}
        ListenAddress 127.0.0.1
        HostKey {folder}/host_key
        PidFile {folder}/pid
        AuthorizedKeysFile {folder}/user_key.pub
        StrictModes no
        UsePAM no
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        PermitRootLogin prohibit-password
        SetEnv TMPDIR={folder}/temporary SHLVL=2
        """
    )
    config = folder / "ssh_config"
    config.write_text(
        f"""
        Host machine
          HostName 127.0.0.1
          Port {port}
          User {getpass.getuser()}
          IdentityFile {folder}/user_key
          IdentitiesOnly yes
          UserKnownHostsFile {folder}/known_hosts
          StrictHostKeyChecking accept-new
        """
    )
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where it confines what has not logged in
    log = folder / "log"
    with log.open("wb") as errors:
        process = subprocess.Popen([SSHD, "-D", "-e", "-f", folder / "sshd_config"], stderr=errors)
    try:
        _wait_until_it_listens(port, process, log)
        yield Server(config, folder / "temporary", process)
    finally:
        process.terminate()
        process.wait()


def _wait_until_it_listens(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    while process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.02)
    raise OSError(f"sshd has ended: {log.read_text()}")
