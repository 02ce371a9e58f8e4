"""Run pytest and count what its controller sends to its workers and receives from them.

    python -P counted_run.py COUNTS.json --agents -n2 ...

Bytes are counted where execnet reads and writes its messages, frames included, over sockets and pipes alike.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Generator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from execnet.gateway_base import Message


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
    _count_messages(counts)
    exit_code = pytest.main(arguments, plugins=[counts])
    target.write_text(json.dumps(asdict(counts)), "utf-8")
    return exit_code


@dataclass(slots=True)
class CountedIO:
    """What execnet reads and writes a message with, counted."""

    io: Any
    counts: Counts

    def read(self, size: int) -> bytes:
        data: bytes = self.io.read(size)
        self.counts.bytes += len(data)
        return data

    def write(self, data: bytes) -> None:
        self.counts.bytes += len(data)
        self.io.write(data)


def _count_messages(counts: Counts) -> None:
    received, sent = Message.from_io, Message.to_io

    def from_io(io: Any) -> Message:
        counts.messages += 1
        return received(CountedIO(io, counts))

    def to_io(message: Message, io: Any) -> None:
        counts.messages += 1
        sent(message, CountedIO(io, counts))

    setattr(Message, "from_io", staticmethod(from_io))  # noqa: B010 - a method is replaced on purpose
    setattr(Message, "to_io", to_io)  # noqa: B010


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
