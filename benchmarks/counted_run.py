"""Run pytest and count what its controller says to its workers and hears from them.

    python -P counted_run.py COUNTS.json --agents -n2 ...

Bytes are counted at the sockets, below everything that could leave some out. Workers that are reached over pipes are
not seen.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Callable, Generator, Sized
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from execnet.gateway_base import Message

_RECEIVING = ("recv", "recv_into")
_SENDING = ("sendall",)


@dataclass(slots=True)
class Counts:
    """`cpu_seconds`: what the controller spent from before its first worker was started until the last had ended."""

    bytes: int = 0
    messages: int = 0
    passed: int = 0
    cpu_seconds: float = 0.0

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        started = time.process_time()
        result = yield
        self.cpu_seconds = time.process_time() - started
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.passed += report.when == "call" and report.passed


def main(target: Path, arguments: list[str]) -> int:
    """Run pytest and write the counts. Returns pytest's exit code."""
    counts = Counts()
    _count_bytes(counts)
    _count_messages(counts)
    exit_code = pytest.main(arguments, plugins=[counts])
    target.write_text(json.dumps(asdict(counts)), "utf-8")
    return exit_code


def _count_bytes(counts: Counts) -> None:
    def counted(name: str, size: Callable[[Any, tuple[Any, ...]], int]) -> Callable[..., Any]:
        original = getattr(socket.socket, name)

        def call(sock: socket.socket, *arguments: Any) -> Any:
            result = original(sock, *arguments)
            counts.bytes += size(result, arguments)
            return result

        return call

    def of_result(result: int | Sized, _arguments: tuple[Any, ...]) -> int:
        return result if isinstance(result, int) else len(result)

    def of_argument(_result: None, arguments: tuple[Any, ...]) -> int:
        return len(arguments[0])

    for name in _RECEIVING:
        setattr(socket.socket, name, counted(name, of_result))
    for name in _SENDING:
        setattr(socket.socket, name, counted(name, of_argument))


def _count_messages(counts: Counts) -> None:
    received, sent = Message.from_io, Message.to_io

    def from_io(io: Any) -> Message:
        counts.messages += 1
        return received(io)

    def to_io(message: Message, io: Any) -> None:
        counts.messages += 1
        sent(message, io)

    setattr(Message, "from_io", staticmethod(from_io))  # noqa: B010 - a method is replaced on purpose
    setattr(Message, "to_io", to_io)  # noqa: B010


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
