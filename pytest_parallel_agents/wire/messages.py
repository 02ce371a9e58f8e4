"""The whole protocol between the controller and a worker.

The controller assigns checks by their place in its collection; a worker reports what happened, in order. Each message
is one MessagePack array with a tag, so foreign bytes are refused instead of executed. The controller's messages are
numbered from 1, and so are the batches in which a worker reports: both sides notice a missing one.

    controller -> worker   Assign  Recall  GoOn  Nudge  Finish  TryAlone  Cover  Sample
    worker -> controller   Ready  ((Started+ AttemptFailed)* Started* Finished)*  Returned  Warned  Halted  Closed
                           Sampled  Covered: at any time before the end of what they are about

`Closed` is the last message of a worker that ended by itself; one whose channel ends without it is lost.
"""

from __future__ import annotations

from typing import TypeAlias, TypeVar

import msgspec

from pytest_parallel_agents.early_bound import builtins

__builtins__ = builtins


class Message(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Base of every message."""


class Assign(Message, frozen=True, tag="assign"):
    """Run the checks of these lanes in order. `next_check` certainly follows on this worker, so its fixtures are kept.

    `tried` is how often checks were tried on other workers, if they were. `waits`: do not begin the last check before
    another message comes.
    """

    lanes: tuple[tuple[int, ...], ...]
    next_check: int | None
    tried: tuple[tuple[int, int], ...] = ()
    waits: bool = False


class Recall(Message, frozen=True, tag="recall"):
    """Return the lanes that have not begun, and with `rest` what is left of the one under way.

    Without it, a worker that `waits` keeps one check to follow.
    """

    rest: bool


class GoOn(Message, frozen=True, tag="go-on"):
    """Begin the last check, though it is not known what follows."""


class Nudge(Message, frozen=True, tag="nudge"):
    """Nothing to do. Its number shows a worker that waits whether an earlier message is missing."""


class Finish(Message, frozen=True, tag="finish"):
    """Tear down and end."""


class TryAlone(Message, frozen=True, tag="try-alone"):
    """Run this check and no other, then tear down and end the process, not the session: only the worker's reports are
    needed.
    """

    check: int


class Cover(Message, frozen=True, tag="cover"):
    """Run these checks, each under line coverage, then end the process as after `TryAlone`, if they are the last.

    One that takes longer than `seconds` ends the process when its lines have been reported. `quick`: what an
    error executes on its way need not be told apart, as of checks that pass.
    """

    checks: tuple[int, ...]
    seconds: float
    quick: bool = False
    is_last: bool = True


class Sample(Message, frozen=True, tag="sample"):
    """Look for so many seconds where the main thread stands, as long as it runs this check."""

    check: int
    seconds: float


class Ready(Message, frozen=True, tag="ready"):
    """The worker is up. `clock` is its monotonic clock in seconds, `interpreter` the packed account of its Python."""

    pid: int
    clock: float
    interpreter: bytes


class Started(Message, frozen=True, tag="started"):
    """An attempt of a check begins, at `time` by the worker's monotonic clock: now, or after a pause.

    Left out when its end is in the same batch.
    """

    check: int
    time: float


class Phase(msgspec.Struct, frozen=True, array_like=True):
    """One report of a check.

    `plain` reports passed and have nothing but their times: the controller rebuilds them from the item it already has.
    Any other carries the packed, serialized report.
    """

    when: str
    duration: float
    start: float
    stop: float
    report: bytes | None = None


class AttemptFailed(Message, frozen=True, tag="failed"):
    """An attempt that is followed by another. `span` is its monotonic (start, stop)."""

    check: int
    span: tuple[float, float]
    phases: tuple[Phase, ...]


class Finished(Message, frozen=True, tag="finished"):
    """A check is over. `span` is the monotonic (start, stop) of its last attempt, which counts.

    `halt` is why the worker's session takes no further check, set by a plugin or `-x`, and `fails` whether the session
    has failed by that; `error` is why the check could not even be found, in which case there are no phases.
    """

    check: int
    span: tuple[float, float]
    phases: tuple[Phase, ...]
    halt: str = ""
    error: str = ""
    fails: bool = False


class Covered(Message, frozen=True, tag="covered"):
    """The lines of the project that an attempt of a check executed, by path. Only the last attempt's count.

    `fault` is why they are not known, as text that fits after "because". `is_late`: it had taken its time, and goes on.
    """

    check: int
    lines: dict[str, tuple[int, ...]]
    fault: str = ""
    is_late: bool = False


class Sampled(Message, frozen=True, tag="sampled"):
    """Where a check stood that comes near its time limit: stacks of the project's (path, line), innermost last, and how
    often each was seen. The first `lasting` frames did not return from the first sample to the last.
    """

    check: int
    stacks: tuple[tuple[tuple[tuple[str, int], ...], int], ...]
    lasting: int


class Late(Message, frozen=True, tag="late"):
    """A report that came after its check was over: a wide fixture's teardown failed later."""

    check: int
    phase: Phase


class Returned(Message, frozen=True, tag="returned"):
    """The checks that a recalled worker had not started."""

    checks: tuple[int, ...]


class Warned(Message, frozen=True, tag="warned"):
    """A recorded warning, packed in the form that xdist gives it."""

    warning: bytes
    when: str
    nodeid: str
    location: tuple[str, int, str] | None


class Halted(Message, frozen=True, tag="halted"):
    """The worker cannot go on: `pytest.exit()` was called (`exit` holds its code or None), a hook broke, or it found a
    mistake of the user (`usage`).
    """

    reason: str
    internal: bool
    exit: int | None = None
    usage: bool = False


class Closed(Message, frozen=True, tag="closed"):
    """The worker's last message, with what plugins left in `config.workeroutput`, packed.

    `errors` has the tracebacks of what failed when its session ended.
    """

    output: bytes
    errors: str = ""


ControllerMessage: TypeAlias = Assign | Recall | GoOn | Nudge | Finish | TryAlone | Cover | Sample
WorkerMessage: TypeAlias = (
    Ready | Started | AttemptFailed | Finished | Covered | Sampled | Late | Returned | Warned | Halted | Closed
)

_Numbered: TypeAlias = tuple[int, ControllerMessage]
_Batch: TypeAlias = tuple[int, list[WorkerMessage]]
_Kind = TypeVar("_Kind")
_encoder = msgspec.msgpack.Encoder()
_numbered: msgspec.msgpack.Decoder[_Numbered] = msgspec.msgpack.Decoder(_Numbered)
_batch: msgspec.msgpack.Decoder[_Batch] = msgspec.msgpack.Decoder(_Batch)


def encode(message: Message) -> bytes:
    """Bytes of a message."""
    return _encoder.encode(message)


def encode_controller_message(number: int, message: ControllerMessage) -> bytes:
    """Bytes of a numbered message."""
    return _encoder.encode((number, message))


def decode_controller_message(data: bytes) -> tuple[int, ControllerMessage]:
    """A message of the controller, with its number. Raises `msgspec.DecodeError` on anything else."""
    return _decode(_numbered, data)


def encode_batch(number: int, frames: list[bytes]) -> bytes:
    """Bytes of a numbered batch of encoded messages."""
    return _encoder.encode((number, [msgspec.Raw(frame) for frame in frames]))


def decode_batch(data: bytes) -> tuple[int, list[WorkerMessage]]:
    """A batch's number and the worker's messages in it. Raises `msgspec.DecodeError` on anything else."""
    return _decode(_batch, data)


def _decode(decoder: msgspec.msgpack.Decoder[_Kind], data: bytes) -> _Kind:
    try:
        return decoder.decode(data)
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(str(error)) from error
