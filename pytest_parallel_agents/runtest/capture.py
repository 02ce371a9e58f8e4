"""pytest's capture of a check: of one worker alone, in files that outlive the worker, and limited in size.

pytest captures into temporary files and reads them whole. Here they are files of the run's folder, so that the last
output of a check whose worker is lost can be shown, and of a long one only its ends are read. The same holds for the
output of a configured command, which pytest does not capture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from _pytest.capture import FDCaptureBase

from pytest_parallel_agents.early_bound import builtins, io, os, tempfile
from pytest_parallel_agents.excerpts import MOST, excerpt
from pytest_parallel_agents.printable import escape_lines
from pytest_parallel_agents.tools.streams import STREAM_FILES, STREAMS
from pytest_parallel_agents.wire.run_folder import WorkerFiles

__builtins__ = builtins

_FILES = pytest.StashKey[dict[str, Path]]()
_MARGIN: Final = 64 * 1024
"""Bytes around the shown part of a command's output that are masked with it, or a secret might be cut in two."""


def bound_capture(config: pytest.Config) -> None:
    """Lets pytest read only the ends of long output."""
    for capture in _captures(config).values():
        capture.snap = partial(_snap, capture, capture.snap)


def own_capture(config: pytest.Config, own: WorkerFiles) -> None:
    """Captures into files of this worker's own. The streams stay the same objects: loggers keep them."""
    config.stash[_FILES] = {stream: own.output(stream) for stream in STREAMS}
    config.stash[STREAM_FILES] = {stream: own.command_output(stream) for stream in STREAMS}
    renew_capture(config)


def renew_capture(config: pytest.Config) -> None:
    """Captures into new, empty files. A process that still writes to the old ones writes to no check's output."""
    files = config.stash.get(_FILES, {})
    for stream, capture in _captures(config).items():
        if isinstance(capture, FDCaptureBase):
            _redirect(capture, files.get(stream))
        else:
            capture.snap()


def start_errors(path: Path) -> str:
    """The standard error of a fresh interpreter before its first check, or after its last."""
    try:
        with io.open(path, "rb") as file:
            return _read(partial(_part, file), os.fstat(file.fileno()).st_size).strip()
    except OSError:
        return ""


def last_output(files: WorkerFiles) -> list[tuple[str, str]]:
    """Report sections with the output of a lost worker's check, or of its command, in its last phase."""
    printed = {stream: files.output(stream) for stream in STREAMS}
    return [*_sections(printed, _part), *command_output(files)]


def command_output(files: WorkerFiles) -> list[tuple[str, str]]:
    """Report sections with the output of a command that a lost worker ran, without secrets."""
    printed = {stream: files.command_output(stream) for stream in STREAMS}
    return [(name, escape_lines(text)) for name, text in _sections(printed, _masked_part)]


def _sections(files: Mapping[str, Path], part: Callable[[Any, int, int], bytes]) -> Iterator[tuple[str, str]]:
    for stream, path in files.items():
        try:
            with io.open(path, "rb") as file:
                text = _read(partial(part, file), os.fstat(file.fileno()).st_size)
        except OSError:
            continue
        if text:
            yield f"Captured {stream}", text


def _captures(config: pytest.Config) -> dict[str, Any]:
    """Pytest's global captures by stream; none with `-s`."""
    manager = config.pluginmanager.getplugin("capturemanager")
    capturing = getattr(manager, "_global_capturing", None)
    found = {} if capturing is None else {"stdout": capturing.out, "stderr": capturing.err}
    return {stream: capture for stream, capture in found.items() if capture is not None}


def _snap(capture: Any, whole: Any) -> Any:
    """Removes and returns the output since the last time."""
    buffer = capture.tmpfile.buffer
    if isinstance(capture, FDCaptureBase):
        size = os.fstat(buffer.fileno()).st_size
        if not size:
            return capture.EMPTY_BUFFER
    else:
        size = buffer.getbuffer().nbytes
    if size <= MOST:
        return whole()
    text = _read(partial(_part, buffer), size)
    capture.tmpfile.seek(0)
    capture.tmpfile.truncate()
    return text


def _read(read: Callable[[int, int], bytes], size: int) -> str:
    return excerpt(read, size) if size > MOST else read(0, size).decode("utf-8", "replace")


def _part(file: Any, start: int, length: int) -> bytes:
    file.seek(start)
    data: bytes = file.read(length)
    return data


def _masked_part(file: Any, start: int, length: int) -> bytes:
    """The beginning, or else the end, without secrets."""
    from pytest_parallel_agents.secrets import mask_secrets

    before = min(start, _MARGIN)
    data = _part(file, start - before, before + length + (0 if start else _MARGIN))
    masked = mask_secrets(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    return masked[-length:] if start else masked[:length]


def _redirect(capture: FDCaptureBase[Any], path: Path | None) -> None:
    with _new_file(path) as file:
        os.dup2(file.fileno(), capture.tmpfile.fileno(), inheritable=False)
    if capture._state == "started":  # noqa: SLF001
        os.dup2(capture.tmpfile.fileno(), capture.targetfd)


def _new_file(path: Path | None) -> Any:
    if path is None:
        return tempfile.TemporaryFile(buffering=0)
    with suppress(FileNotFoundError):
        os.unlink(path)
    return io.open(path, "x+b", buffering=0)
