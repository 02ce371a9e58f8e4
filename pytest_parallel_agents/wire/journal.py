"""A worker's unsent messages, where they survive the worker.

Messages are sent in batches. Those that a worker has not sent yet are also in a file that is mapped into its memory:
when it dies, the controller reads there what happened last. Writing costs a copy of some bytes and no system call.

Layout: the number of the batch and the length of what follows (two little-endian 64-bit integers), then frames, each
a 32-bit length and as many bytes. A frame counts once the length in the head covers it.
"""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Final

from pytest_parallel_agents.early_bound import builtins, io, struct

__builtins__ = builtins

_HEAD: Final = struct.Struct("<QQ")
_FRAME: Final = struct.Struct("<I")
_SIZE: Final = 1 << 18


class Journal:
    """The worker's side. Raises OSError, which names the file, when there is no room for it."""

    def __init__(self, path: Path) -> None:
        try:
            with io.open(path, "w+b") as file:
                file.write(bytes(_SIZE))  # a mapped hole ends the process when the disk is full and it is written to
                file.flush()
                self._map = mmap.mmap(file.fileno(), _SIZE)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(path)) from None
        self._batch = 0
        self._length = 0

    def begin(self, batch: int) -> None:
        """Drops the frames so far; those that follow belong to this batch."""
        self._batch, self._length = batch, 0
        self._commit()

    def add(self, frame: bytes) -> bool:
        """Records one frame; False if it does not fit."""
        start = _HEAD.size + self._length
        end = start + _FRAME.size + len(frame)
        if end > _SIZE:
            return False
        self._map[start:end] = _FRAME.pack(len(frame)) + frame
        self._length = end - _HEAD.size
        self._commit()
        return True

    def drop(self, frame: bytes) -> None:
        """Removes the last frame, which was this one."""
        self._length -= _FRAME.size + len(frame)
        self._commit()

    def _commit(self) -> None:
        _HEAD.pack_into(self._map, 0, self._batch, self._length)


def read_journal(path: Path) -> tuple[int, list[bytes]]:
    """The number of the batch that was being gathered, and its frames. No frames if there is no such file."""
    try:
        with io.open(path, "rb") as file:
            data = file.read()
    except OSError:
        return 0, []
    if len(data) < _HEAD.size:
        return 0, []
    batch, length = _HEAD.unpack_from(data)
    frames = []
    position, end = _HEAD.size, min(_HEAD.size + length, len(data))
    while position + _FRAME.size <= end:
        (size,) = _FRAME.unpack_from(data, position)
        position += _FRAME.size
        frames.append(data[position : position + size])
        position += size
    return batch, frames
