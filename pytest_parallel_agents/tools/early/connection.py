"""A question to the launcher, and its answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from pytest_parallel_agents.early_bound import builtins, socket, time
from pytest_parallel_agents.tools.early.messages import Question, encode

__builtins__ = builtins

NO_ANSWER: Final = (OSError, msgspec.DecodeError)
"""What is raised if the launcher is gone or silent."""

_RESUME_SECONDS: Final = 1.0
_BLOCK: Final = 1 << 16


class Connection:
    """Asks a question. Raises NO_ANSWER, as do its methods. `resume` is called while an answer is not there yet."""

    def __init__(self, address: str, question: Question, resume: Callable[[], None]) -> None:
        self._resume = resume
        self._unread = b""
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(_RESUME_SECONDS)
        try:
            self._socket.connect(address)
            self._socket.sendall(encode(question))
        except BaseException:
            self.close()
            raise

    def answer(self, kind: Any, seconds: float) -> Any:
        """The next answer, which comes within so many seconds."""
        until = time.monotonic() + seconds
        while b"\n" not in self._unread:
            try:
                block = self._socket.recv(_BLOCK)
            except TimeoutError:
                if time.monotonic() >= until:
                    raise
                self._resume()
                continue
            if not block:
                raise ConnectionResetError
            self._unread += block
        line, _, self._unread = self._unread.partition(b"\n")
        return msgspec.json.decode(line, type=kind)

    def close(self) -> None:
        """The launcher ends the command that it has handed over here, if it runs still."""
        self._socket.close()
