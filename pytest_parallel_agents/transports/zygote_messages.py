"""What the controller and the zygote write to each other: one message a packet, with a worker's socket beside it."""

from __future__ import annotations

from typing import Final

import msgspec

PACKET_BYTES: Final = 4096
"""No packet is longer."""


class Fork(msgspec.Struct, frozen=True, tag="fork"):
    """Controller to zygote: fork this worker. The answer is `Forked` with one end of its socket."""

    worker: str


class Forked(msgspec.Struct, frozen=True, tag="forked"):
    worker: str
    pid: int


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """Zygote to controller: this worker cannot be forked, and why."""

    worker: str
    code: int
    reason: str


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """Zygote to controller: a worker has ended. `status` is negative for a signal, else the exit code."""

    worker: str
    pid: int
    status: int


Answer = Forked | Refused | Ended

encode: Final = msgspec.msgpack.encode
decode_request: Final = msgspec.msgpack.Decoder(Fork).decode
decode_answer: Final = msgspec.msgpack.Decoder[Answer](Answer).decode
