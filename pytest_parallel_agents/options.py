"""The options of a run, as one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from pytest_parallel_agents.limits import Limits
from pytest_parallel_agents.model.plan import Policy
from pytest_parallel_agents.several_runs.keeping import Keeping
from pytest_parallel_agents.shard import Shard

if TYPE_CHECKING:
    from pytest_parallel_agents.reports.earlier import Earlier
    from pytest_parallel_agents.tools.command import CommandSpec


class Unmarked(StrEnum):
    """What to do with tests that have no mark."""

    PARALLEL = "parallel"
    AFTER = "after"
    SKIP = "skip"


class Dist(StrEnum):
    """`--dist`, with the names and meanings that xdist gives them: which tests stay on one worker in any case."""

    LOAD = "load"
    WORKSTEAL = "worksteal"
    LOADSCOPE = "loadscope"
    LOADFILE = "loadfile"
    LOADGROUP = "loadgroup"


class Scope(StrEnum):
    """Where the uses of a resource are counted: in the whole run, or on each host by themselves."""

    GLOBAL = "global"
    HOST = "host"


class RootCause(StrEnum):
    """`--agents-root-cause`: when it is recorded which lines tests execute."""

    AUTO = "auto"
    ALWAYS = "always"
    OFF = "off"


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """All settings of the user.

    `workers` is the number of CPUs to fill, 0 to run everything in this process. `specs` are execnet specs of the
    workers, and `specs_given` is whether the user has written them. `wait` is how many checks of the run must pass, and
    `groups` how many of each group, None for all; of `panels` so many must agree. `budget` is how many dollars language
    models may cost. `file` holds the configuration, and `where` is how faults name the table in it. `interactive` runs
    need this process and its terminal. `flame_graphs` is the folder for them. `earlier` is the baseline, and
    `tolerances` the share by which each measured value may grow. `recheck`: failed tests run once more, alone.
    `root_cause` is when executed lines are recorded. `shard` is the part of the checks to run, None for all. `per_host`
    are those `resources` of which each host has as many. `durations` are seconds by node id from a given report, None
    to take those known here. `undecided`: the configuration neither lists commands nor states that there are none.
    `configuration` is its digest. `keeping` is how many reports stay for the history. `compact`: a coding assistant
    reads the terminal.
    """

    workers: int
    specs: tuple[str, ...]
    plan_only: bool
    policy: Policy
    unmarked: Unmarked
    replicate: tuple[str, ...] = ()
    resources: Mapping[str, int] = msgspec.field(default_factory=dict)
    per_host: frozenset[str] = frozenset()
    commands: tuple[CommandSpec, ...] = ()
    limits: Limits = msgspec.field(default_factory=Limits)
    wait: int | None = None
    groups: Mapping[str, int | None] = msgspec.field(default_factory=dict)
    panels: Mapping[str, int] = msgspec.field(default_factory=dict)
    budget: float | None = None
    reports: tuple[Path, ...] = ()
    file: Path | None = None
    where: str = "pyproject.toml: tool.pytest-parallel-agents"
    interactive: bool = False
    flame_graphs: Path | None = None
    earlier: Earlier | None = None
    tolerances: Mapping[str, float] = msgspec.field(default_factory=dict)
    recheck: bool = True
    root_cause: RootCause = RootCause.AUTO
    dist: Dist = Dist.LOAD
    specs_given: bool = True
    shard: Shard | None = None
    durations: Mapping[str, float] | None = None
    undecided: bool = False
    compact: bool = False
    configuration: str = ""
    keeping: Keeping = Keeping()

    @property
    def cpus(self) -> int:
        """How many CPUs the checks may use at once."""
        return max(1, self.workers)

    def agree(self, group: str | None) -> int | None:
        """How many members of a group must agree; None if it is no panel. One of each input has its name with that."""
        name = group or ""
        return self.panels.get(name, self.panels.get(name.partition("[")[0]))


OPTIONS = pytest.StashKey[Options]()

DIVISION = pytest.StashKey[str]()
"""The digest of which checks are in which shard, once that is known."""

HOST = pytest.StashKey[str]()
"""The name of the host on which this process runs checks; absent on the user's machine."""
