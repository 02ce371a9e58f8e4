"""Flame graphs of measured blocks: a block that was counted is run once more and sampled, with pyinstrument.

Counting and sampling disturb each other, so they are two passes. In the second one a block returns what it measured in
the first, and the check therefore takes the same branches.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import msgspec
import pytest

from pytest_parallel_agents.early_bound import builtins, io, os
from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.measurements import Measurement
from pytest_parallel_agents.profiling.calls import refuse_other_profilers

__builtins__ = builtins

SUFFIXES: Final = (".html", ".speedscope.json")
_LONGEST_NAME = 100
_INTERVAL_SECONDS = 0.001
_HARMLESS = re.compile(r"[^A-Za-z0-9_.]+")


def flame_graph_folder(folder: Path) -> Path:
    """Creates the folder. Raises AgentsError when it cannot be created or written."""
    flag = f"--agents-flamegraphs {folder}"
    if find_spec("pyinstrument") is None:
        raise AgentsError(
            f"{flag} needs pyinstrument, which is not installed",
            hint='pip install "pytest-parallel-agents[profile]"',
        )
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise AgentsError(f"{flag} cannot be made: {error.strerror}", hint="give another folder") from error
    return folder


def flame_graph_files(folder: Path, nodeid: str, name: str) -> tuple[Path, ...]:
    """The files of one measured block, with names that no other block of any check has."""
    words = nodeid if nodeid.endswith(name) else f"{nodeid}-{name}"
    readable = _HARMLESS.sub("-", words).strip("-.")[-_LONGEST_NAME:].lstrip("-.")
    digest = hashlib.sha256(f"{nodeid}\0{name}".encode(errors="surrogatepass")).hexdigest()[:8]
    return tuple(folder / f"{readable}-{digest}{suffix}" for suffix in SUFFIXES)


class Sampling(msgspec.Struct, frozen=True):
    """The second pass of one check: the measurements of the first, by name, and the folder for the files."""

    folder: Path
    nodeid: str
    measured: Mapping[str, Measurement]

    def sample(self, name: str) -> Sample:
        """Raises LookupError for a block that the first pass did not reach."""
        return Sample(self.measured[name], flame_graph_files(self.folder, self.nodeid, name))


SAMPLING: Final = pytest.StashKey[Sampling]()


class Sample:
    """Samples one block and writes its files."""

    def __init__(self, measured: Measurement, files: tuple[Path, ...]) -> None:
        from pyinstrument import Profiler
        from pyinstrument.renderers import HTMLRenderer, SpeedscopeRenderer

        self._measured = measured
        self._files = dict(zip(files, (HTMLRenderer(), SpeedscopeRenderer()), strict=True))
        self._profiler = Profiler(interval=_INTERVAL_SECONDS, async_mode="disabled")

    def start(self) -> None:
        """Raises RuntimeError when a profiler is active."""
        refuse_other_profilers()
        self._profiler.start()

    def stop(self) -> Measurement:
        """The block's measurement from the first pass."""
        session = self._profiler.stop()
        for file, renderer in self._files.items():
            with io.open(file, "w", encoding="utf-8") as text:
                text.write(renderer.render(session))
        return self._measured
