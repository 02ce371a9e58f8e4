"""Asks the launcher for commands that have begun early: in the controller after the collection, then in workers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping
from math import inf
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from pytest_parallel_agents import process_tree
from pytest_parallel_agents.early_bound import builtins, os, signal, socket, time
from pytest_parallel_agents.tools.early.connection import NO_ANSWER, Connection
from pytest_parallel_agents.tools.early.groups import end_groups
from pytest_parallel_agents.tools.early.messages import Keep, Question, Settle, State, Take

__builtins__ = builtins

_SECONDS: Final = 60.0
"""Seconds for an answer that should come at once, or as soon as commands have ended."""
_POLL_SECONDS: Final = 0.005


class Ran(NamedTuple):
    """A command that has run to its end, and the files of its output."""

    exit_code: int
    stdout: str
    stderr: str


class Begun:
    """A command of which `state` was known when the turn of its check came. It can be waited for once.

    `end` returns when it has ended for certain. `lost` is called if it does not count after all, so that the command
    must be started anew. `span` is when it ran, on the monotonic clock, once it is over and counts.
    """

    def __init__(
        self, connection: Connection, state: State, *, end: Callable[[], None], lost: Callable[[], None]
    ) -> None:
        self._connection = connection
        self._end = end
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
        """Returns when it has ended; None if the command must be started, since what it depends on has changed, or the
        launcher is gone.

        `streams` are the names under which others find its output meanwhile.
        """
        if self._is_waited_for:
            self._end()  # the attempt before may have been interrupted
            return None
        self._is_waited_for = True
        try:
            with _linked({path: getattr(self._state, stream) for stream, path in streams.items()}):
                ended = self._ended() if fingerprint == self._state.fingerprint else None
        finally:
            self.close()
        if ended is None or ended.exit_code is None or ended.until is None:
            self._end()
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
        if self._state.until is not None:
            return self._state
        ended: State | None = None
        with contextlib.suppress(*NO_ANSWER):
            ended = self._connection.answer(State | None, inf)
        return ended


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

    `alive` is the controller's end of a connection that tells the launcher that it lives. `grace` is how many seconds
    commands have to end. If the launcher does not answer all that it has started is ended, and runs in its turn.
    """

    def __init__(self, address: str, pid: int, alive: socket.socket, grace: float) -> None:
        self._address = address
        self._pid = pid
        self._alive = alive
        self._grace = grace
        self._kept: frozenset[str] = frozenset()
        self._is_gone = False

    def begin_to_settle(self) -> None:
        """From now on the launcher starts no other command, and looks which can count."""
        with contextlib.suppress(OSError):
            self._alive.send(b"s")

    def settle(self) -> list[State]:
        """The commands that have begun and can count; none if the launcher is gone."""
        return self._ask(Settle(), list[State]) or []

    def keep(self, nodeids: Collection[str]) -> None:
        """Lets workers take these. All others have ended when this returns."""
        self._kept = frozenset(nodeids)
        self._ask(Keep(tuple(nodeids)), list[str])

    def take(self, nodeid: str, lost: Callable[[], None]) -> Begun | None:
        """The command of this check, if it has begun and nobody has taken it. If it does not count it has ended."""
        if nodeid not in self._kept:
            return None
        connected = self._connect(Take(nodeid), State | None)
        if connected is None:
            return None
        connection, state = connected
        if state is not None:
            return Begun(connection, state, end=lambda: self._ask(Take(nodeid), State | None), lost=lost)
        connection.close()
        return None

    def close(self) -> None:
        """Ends all that still runs, and the launcher. May be called again."""
        if self._is_gone:
            return
        self._resume()
        with contextlib.suppress(OSError):
            self._alive.shutdown(socket.SHUT_RDWR)  # which a daemon that has inherited it cannot keep open
        self._alive.close()
        if not self._has_ended_within(self._grace + _SECONDS):
            process_tree.kill(self._pid)
            self._has_ended_within(inf)
        self._is_gone = True
        end_groups(Path(self._address).parent, self._grace)

    def _ask(self, question: Question, kind: Any) -> Any:
        """The answer. Without one None, and nothing is left of what the launcher has started."""
        connected = self._connect(question, kind)
        if connected is None:
            return None
        connected[0].close()
        return connected[1]

    def _connect(self, question: Question, kind: Any) -> tuple[Connection, Any] | None:
        if self._is_gone:
            return None
        try:
            connection = Connection(self._address, question, self._resume)
            try:
                return connection, connection.answer(kind, self._grace + _SECONDS)
            except BaseException:
                connection.close()
                raise
        except NO_ANSWER:
            self._give_up()
            return None

    def _give_up(self) -> None:
        self._kept = frozenset()
        process_tree.kill(self._pid)
        end_groups(Path(self._address).parent, self._grace)

    def _resume(self) -> None:
        """Continues the launcher if a signal has stopped it, as a test may that looks for processes."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGCONT)

    def _has_ended_within(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        with contextlib.suppress(ChildProcessError):  # somebody else has waited for it
            while not os.waitpid(self._pid, os.WNOHANG)[0]:
                if time.monotonic() >= until:
                    return False
                time.sleep(_POLL_SECONDS)
        return True


EARLY: Final = pytest.StashKey[Early]()


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
