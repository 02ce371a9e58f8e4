"""What the controller and the program on a host send each other over their control connection.

Both sides decode with msgspec: what arrives is data of these types, or an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import msgspec


class HostSettings(msgspec.Struct, frozen=True):
    """Controller to host, once: how its workers start.

    `folder` is that of the project; a relative one is below the home folder. They start `below` it. `flags` are those
    of their interpreter, `variables` are added to their environment. `run` is the run's id, `grace` is in seconds.
    `files` are put into the host's folder of the run, by their paths in it. With `live` output is sent as it is
    printed.
    """

    folder: str
    below: str
    flags: tuple[str, ...]
    variables: Mapping[str, str]
    nice: int
    run: str
    grace: float
    files: Mapping[str, bytes]
    live: bool


class StartOnHost(msgspec.Struct, frozen=True, tag="start"):
    """Start this worker. Its bytes go through the channel that comes with this. Answered by Started or NotStarted."""

    worker: str
    aside: bool = False


class InterruptOnHost(msgspec.Struct, frozen=True, tag="interrupt"):
    worker: str


class KillOnHost(msgspec.Struct, frozen=True, tag="kill"):
    worker: str


class DumpOnHost(msgspec.Struct, frozen=True, tag="dump"):
    """Make it write its threads' stacks."""

    worker: str


class EndDetachedOnHost(msgspec.Struct, frozen=True, tag="end-detached"):
    worker: str


class DigestOnHost(msgspec.Struct, frozen=True, tag="digest"):
    """Answered by Digests. Paths are relative to the project's folder; git lists the `listed` ones here."""

    files: tuple[str, ...]
    listed: tuple[str, ...]


class CloseHost(msgspec.Struct, frozen=True, tag="close"):
    """End all workers that are left, and then the connection."""


OfWorker: TypeAlias = InterruptOnHost | KillOnHost | DumpOnHost | EndDetachedOnHost
HostCommand: TypeAlias = StartOnHost | OfWorker | DigestOnHost | CloseHost


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """Host to controller, first: the project's folder, the host's folder of the run, and facts of its interpreter.

    `variables` are the values that the host's environment has for variables which the start of workers changes.
    """

    folder: str
    run_folder: str
    path: tuple[str, ...]
    variables: Mapping[str, str]
    executable: str
    version: tuple[int, int, int]
    platform: str


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The host cannot start workers, and why."""

    reason: str


class Started(msgspec.Struct, frozen=True, tag="started"):
    worker: str
    pid: int


class NotStarted(msgspec.Struct, frozen=True, tag="not-started"):
    worker: str
    reason: str


class FileContent(msgspec.Struct, frozen=True, tag="file"):
    """A file of a worker is now of this size; `parts` are what has changed, by their offsets."""

    worker: str
    name: str
    size: int
    parts: Mapping[int, bytes]


class Printed(msgspec.Struct, frozen=True, tag="printed"):
    """Live output."""

    worker: str
    stream: str
    data: bytes


class Beat(msgspec.Struct, frozen=True, tag="beat"):
    """The host lives, and its monotonic clock shows `clock`. `stopped` are the workers that a signal has stopped."""

    clock: float
    stopped: tuple[str, ...]


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """A worker's process has ended, after all that it has written was sent. `status` is negative for a signal."""

    worker: str
    status: int


class Digests(msgspec.Struct, frozen=True, tag="digests"):
    """Hexadecimal digests by path, of the files that are there, and whether they are a work tree of git."""

    files: Mapping[str, str]
    has_git: bool


HostEvent: TypeAlias = Ready | Refused | Started | NotStarted | FileContent | Printed | Beat | Ended | Digests

encode = msgspec.msgpack.Encoder().encode
decode_settings = msgspec.msgpack.Decoder(HostSettings).decode
decode_command: Callable[[bytes], HostCommand] = msgspec.msgpack.Decoder(HostCommand).decode
decode_event: Callable[[bytes], HostEvent] = msgspec.msgpack.Decoder(HostEvent).decode
