"""Asks the launcher for commands that have begun early: in the controller after the collection, then in workers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import msgspec
import pytest

from pytest_parallel_agents.early_bound import builtins, os, socket, time
from pytest_parallel_agents.tools.early.messages import Drop, Question, Settle, State, Take, encode

__builtins__ = builtins

_SECONDS: Final = 60.0
"""Seconds for an answer that should come at once."""


class Ran(NamedTuple):
    """A command that has run to its end, and the files of its output."""

    exit_code: int
    stdout: str
    stderr: str


class Begun:
    """A command of which `state` was known when the turn of its check came. It can be waited for once.

    `lost` is called if it does not count after all, so that the command must be started anew. `span` is when it ran, on
    the monotonic clock, once it is over and counts.
    """

    def __init__(self, connection: IO[bytes], state: State, lost: Callable[[], None]) -> None:
        self._connection = connection
        self._lost = lost
        self._is_waited_for = False
        self._turn = time.monotonic()
        self._state = state
        self.span: tuple[float, float] | None = None

    @property
    def start(self) -> float:
        """From when on the time limit of the check counts: one that is over has kept it."""
        return self._state.since if self._state.until is None else self._turn

    def wait(self, fingerprint: str, streams: Mapping[str, Path]) -> Ran | None:
        """Returns when it has ended; None if the command must be started, since what it depends on has changed.

        `streams` are the names under which others find its output meanwhile.
        """
        if self._is_waited_for:
            return None
        self._is_waited_for = True
        try:
            with _linked({path: getattr(self._state, stream) for stream, path in streams.items()}):
                ended = self._ended() if fingerprint == self._state.fingerprint else None
        except BaseException:
            self.close()
            raise
        if ended is None or ended.exit_code is None or ended.until is None:
            self.close()
            self._lost()
            return None
        self.span = ended.since, ended.until
        return Ran(ended.exit_code, ended.stdout, ended.stderr)

    def count_in(self, report: pytest.TestReport) -> None:
        """Adds to the duration what it had run before the turn of its check came."""
        if self.span is not None:
            before = min(self._turn, self.span[1]) - self.span[0]
            report.duration += before
            report.start -= before

    def close(self) -> None:
        """Ends the command, unless it was waited for."""
        self._connection.close()

    def _ended(self) -> State | None:
        return self._state if self._state.until is not None else _answer(self._connection, State | None)


BEGUN: Final = pytest.StashKey[Begun]()
"""The command of an item, if it has begun early."""


def begun_span(item: pytest.Item) -> tuple[float, float] | None:
    """When the command of this attempt ran, if it had begun early."""
    begun = item.stash.get(BEGUN, None)
    if begun is None:
        return None
    span, begun.span = begun.span, None
    return span


class Early:
    """The launcher, as its controller and the workers know it. `address` is the socket at which it answers.

    `alive` is the controller's end of a connection that tells the launcher that it lives.
    """

    def __init__(self, address: str, pid: int, alive: socket.socket) -> None:
        self._address = address
        self._pid = pid
        self._alive = alive
        self._kept: frozenset[str] = frozenset()

    def begin_to_settle(self) -> None:
        """From now on the launcher starts no other command, and looks which can count."""
        with contextlib.suppress(OSError):
            self._alive.send(b"s")

    def settle(self) -> list[State]:
        """The commands that have begun and can count; none if the launcher is gone."""
        with contextlib.suppress(OSError, msgspec.DecodeError), self._asked(Settle()) as connection:
            return _answer(connection, list[State]) or []
        return []

    def keep(self, nodeids: Collection[str], others: Collection[str]) -> None:
        """Lets workers take these. The `others` have ended when this returns."""
        self._kept = frozenset(nodeids)
        if others:
            with contextlib.suppress(OSError), self._asked(Drop(tuple(others))) as connection:
                connection.readline()

    def take(self, nodeid: str, lost: Callable[[], None]) -> Begun | None:
        """The command of this check, if it has begun and nobody has taken it."""
        if nodeid not in self._kept:
            return None
        with contextlib.suppress(OSError, msgspec.DecodeError):
            connection = self._asked(Take(nodeid))
            state = _answer(connection, State | None)
            if state is not None:
                return Begun(connection, state, lost)
            connection.close()
        return None

    def close(self) -> None:
        """Ends all that still runs, and the launcher. May be called again."""
        with contextlib.suppress(OSError):
            self._alive.shutdown(socket.SHUT_RDWR)  # which a daemon that has inherited it cannot keep open
        self._alive.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._pid, 0)

    def _asked(self, question: Question) -> IO[bytes]:
        with socket.socket(socket.AF_UNIX) as ours:
            ours.settimeout(_SECONDS)
            ours.connect(self._address)
            ours.sendall(encode(question))
            ours.settimeout(None)
            return ours.makefile("rb")


EARLY: Final = pytest.StashKey[Early]()


def _answer(connection: IO[bytes], kind: Any) -> Any:
    """The next answer; None if there is none any more."""
    line = connection.readline()
    return msgspec.json.decode(line, type=kind) if line else None


@contextlib.contextmanager
def _linked(files: Mapping[Path, str]) -> Iterator[None]:
    """Lets these paths lead to files, which remain where they are. They stay when the check is interrupted."""
    for path, file in files.items():
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        os.symlink(file, path)
    yield
    for path in files:
        os.unlink(path)
