"""What pytest captures of a check: a worker's alone, kept where it outlives the worker, and never more than fits.

pytest captures into temporary files and reads them whole. Here they are files of the run's folder, so that the last
output of a check whose worker is lost can be shown, and of a long one only its ends are read.
"""

from __future__ import annotations

import os
import tempfile
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from _pytest.capture import FDCaptureBase

from pytest_parallel_agents.excerpts import MOST, excerpt, shortened

_STREAMS: Final = ("stdout", "stderr")
_FILES = pytest.StashKey[dict[str, Path]]()


def bound_capture(config: pytest.Config) -> None:
    """Let pytest read only the ends of what is too long."""
    for capture in _captures(config).values():
        capture.snap = partial(_snap, capture, capture.snap)


def shorten_sections(report: pytest.TestReport) -> None:
    """Cut what else a report quotes: logs, and what plugins have captured."""
    if report.sections:
        report.sections = [(name, shortened(content)) for name, content in report.sections]


def own_capture(config: pytest.Config, run_folder: Path, worker: str) -> None:
    """Capture into files of this worker's own. The streams stay the same objects: loggers hold on to them."""
    config.stash[_FILES] = {stream: _path(run_folder, worker, stream) for stream in _STREAMS}
    renew_capture(config)


def renew_capture(config: pytest.Config) -> None:
    """Capture into new, empty files. A process that still writes to the old ones writes to no check's output."""
    files = config.stash.get(_FILES, {})
    for stream, capture in _captures(config).items():
        if isinstance(capture, FDCaptureBase):
            _redirect(capture, files.get(stream))
        else:
            capture.snap()


def last_output(run_folder: Path, worker: str) -> list[tuple[str, str]]:
    """Report sections of what a lost worker's check printed in its last phase."""
    sections = []
    for stream in _STREAMS:
        try:
            with _path(run_folder, worker, stream).open("rb") as file:
                text = _read(file, os.fstat(file.fileno()).st_size)
        except OSError:
            continue
        if text:
            sections.append((f"Captured {stream}", text))
    return sections


def _captures(config: pytest.Config) -> dict[str, Any]:
    """Pytest's global captures by stream; none with `-s`."""
    manager = config.pluginmanager.getplugin("capturemanager")
    capturing = getattr(manager, "_global_capturing", None)
    found = {} if capturing is None else {"stdout": capturing.out, "stderr": capturing.err}
    return {stream: capture for stream, capture in found.items() if capture is not None}


def _snap(capture: Any, whole: Any) -> Any:
    """What was captured since the last time, which is then forgotten."""
    buffer = capture.tmpfile.buffer
    if isinstance(capture, FDCaptureBase):
        size = os.fstat(buffer.fileno()).st_size
        if not size:
            return capture.EMPTY_BUFFER
    else:
        size = buffer.getbuffer().nbytes
    if size <= MOST:
        return whole()
    text = _read(buffer, size)
    capture.tmpfile.seek(0)
    capture.tmpfile.truncate()
    return text


def _read(file: Any, size: int) -> str:
    def read(start: int, length: int) -> bytes:
        file.seek(start)
        data: bytes = file.read(length)
        return data

    return excerpt(read, size) if size > MOST else read(0, size).decode("utf-8", "replace")


def _redirect(capture: FDCaptureBase[Any], path: Path | None) -> None:
    with _new_file(path) as file:
        os.dup2(file.fileno(), capture.tmpfile.fileno(), inheritable=False)
    if capture._state == "started":  # noqa: SLF001
        os.dup2(capture.tmpfile.fileno(), capture.targetfd)


def _new_file(path: Path | None) -> Any:
    if path is None:
        return tempfile.TemporaryFile(buffering=0)
    path.unlink(missing_ok=True)
    return path.open("x+b", buffering=0)


def _path(run_folder: Path, worker: str, stream: str) -> Path:
    return run_folder / f"{worker}.{stream}"
