"""Runs pytest in a process of its own: never through a shell, and not for longer than it may take."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

import anyio
from anyio.abc import ByteReceiveStream, Process

from pytest_parallel_agents import process_tree

GRACE_SECONDS: Final = 15.0
"""For a run that has to end: it stops its workers, and writes its report."""

_MOST_OUTPUT: Final = 64 * 1024
_LAST_OUTPUT_SECONDS: Final = 1.0
"""For the end of the output, which a process that a test has left behind may hold open."""


class Finished(NamedTuple):
    """The exit code, negative for a signal, the last output, and whether the time was up."""

    exit_code: int
    output: str
    timed_out: bool


async def run_pytest(arguments: Sequence[str], root: Path, seconds: float) -> Finished:
    """Runs it at the root with these arguments. Ends it after `seconds`, or when the caller is cancelled."""
    process = await anyio.open_process(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=root,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    output = bytearray()
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_collect, process.stdout, output)
            timed_out = await _ends_late(process, seconds)
            tasks.cancel_scope.deadline = anyio.current_time() + _LAST_OUTPUT_SECONDS
        return Finished(process.returncode or 0, output.decode(errors="replace"), timed_out)
    finally:
        with anyio.CancelScope(shield=True):
            await _kill(process)
            await process.aclose()


async def _collect(stream: ByteReceiveStream | None, output: bytearray) -> None:
    if stream is not None:
        async for chunk in stream:
            output += chunk
            del output[:-_MOST_OUTPUT]


async def _ends_late(process: Process, seconds: float) -> bool:
    """Whether it had to be ended because its time was up."""
    with anyio.move_on_after(seconds):
        await process.wait()
        return False
    with suppress(ProcessLookupError):
        process.terminate()
    with anyio.move_on_after(GRACE_SECONDS):
        await process.wait()
    await _kill(process)
    return True


async def _kill(process: Process) -> None:
    if process.returncode is None:
        await anyio.to_thread.run_sync(process_tree.kill, process.pid)
        await process.wait()
