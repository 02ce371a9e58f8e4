"""The log of wide fixtures that a worker sets up and has: a file of the run's folder, written by the worker as it
happens.

The controller reads it when a check takes long or is lost, which the worker may be unable to report: a set-up that
waits for ever holds up everything. At the end it reads how long each took, for a serial run builds what workers build
several times once. One event costs some microseconds, and only fixtures wider than a function have any.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from pytest_parallel_agents.early_bound import builtins, io, os, time

__builtins__ = builtins

BEGUN: Final = "begun"
DONE: Final = "done"
OVER: Final = "over"


class WideFixture(msgspec.Struct, frozen=True, array_like=True):
    """One definition of a fixture. `place` is the node id of its definition's scope."""

    scope: str
    name: str
    place: str

    def __str__(self) -> str:
        return f"{self.scope} fixture {self.name!r}"


class FixtureState(msgspec.Struct, frozen=True):
    """The fixtures that a worker sets up now, the innermost last, and those that it has set up and not torn down."""

    under_way: tuple[WideFixture, ...] = ()
    there: frozenset[WideFixture] = frozenset()


class Build(msgspec.Struct, frozen=True):
    """One set-up of a fixture. A serial run builds once all of one `key`. `seconds`: without set-ups within it."""

    key: str
    seconds: float


class FixtureLifetime(msgspec.Struct, frozen=True):
    """One set-up of a fixture: when it had `begun`, was `done` and was `over`, in seconds of the machine's monotonic
    clock; None if it was not.
    """

    fixture: WideFixture
    begun: float
    done: float | None = None
    over: float | None = None

    @property
    def seconds(self) -> float:
        """Seconds that the set-up took."""
        return (self.done or self.begun) - self.begun


class _Event(msgspec.Struct, frozen=True, array_like=True):
    what: str
    fixture: WideFixture
    key: str
    time: float


_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(_Event)


class SetUpLog:
    """The worker's side. A file that cannot be written costs the log and nothing else."""

    def __init__(self, path: Path) -> None:
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError:
            self._descriptor = -1

    def note(self, what: str, fixture: WideFixture, key: str = "") -> None:
        """Records that its set-up has `BEGUN` or is `DONE`, or that it is `OVER`: torn down, or never made."""
        try:
            event = _Event(what, fixture, key, time.monotonic())
            os.write(self._descriptor, _encoder.encode(event) + b"\n")
        except OSError:
            return


def read_setups(path: Path) -> FixtureState:
    """The state by the file; empty if there is none."""
    under_way: dict[WideFixture, None] = {}
    there: set[WideFixture] = set()
    for event in _events(path):
        under_way.pop(event.fixture, None)
        there.discard(event.fixture)
        if event.what == BEGUN:
            under_way[event.fixture] = None
        elif event.what == DONE:
            there.add(event.fixture)
    return FixtureState(tuple(under_way), frozenset(there))


def read_builds(path: Path) -> Iterator[Build]:
    """The finished set-ups by the file."""
    under_way: list[tuple[_Event, float]] = []
    for event in _events(path):
        if event.what == BEGUN:
            under_way.append((event, 0.0))
        elif under_way and under_way[-1][0].fixture == event.fixture:
            begun, within = under_way.pop()
            seconds = event.time - begun.time
            yield Build(begun.key, max(0.0, seconds - within))
            if under_way:
                outer, before = under_way.pop()
                under_way.append((outer, before + seconds))


def read_lifetimes(path: Path) -> list[FixtureLifetime]:
    """All set-ups by the file, in the order in which they began."""
    lifetimes: list[FixtureLifetime] = []
    for event in _events(path):
        if event.what == BEGUN:
            lifetimes.append(FixtureLifetime(event.fixture, event.time))
            continue
        known = (n for n in reversed(range(len(lifetimes))) if lifetimes[n].fixture == event.fixture)
        if (place := next(known, None)) is not None:  # that it had begun could perhaps not be written
            lifetimes[place] = msgspec.structs.replace(lifetimes[place], **{event.what: event.time})
    return lifetimes


def _events(path: Path) -> Iterator[_Event]:
    try:
        with io.open(path, "rb") as file:
            lines = file.read().splitlines()
    except OSError:
        return
    for line in lines:
        try:
            yield _decoder.decode(line)
        except msgspec.DecodeError:  # cut short by the worker's end
            continue
