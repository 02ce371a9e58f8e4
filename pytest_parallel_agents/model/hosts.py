"""Machines with workers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

LOCAL: Final = ""
"""The name of this machine as a host."""


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """A machine with workers, at least one. `name` is unique in a run.

    `cpus`: how many CPUs its checks may use at a time. `workers`: how many workers may live there at a time; more than
    `cpus` serve checks that claim no CPU, and stand in for workers whose lane waits. `capacities`: how many checks may
    write each of these resources at a time here, where that differs from other hosts. It holds for resources that are
    counted per host.
    """

    name: str = LOCAL
    cpus: int
    workers: int
    capacities: Mapping[str, int] = msgspec.field(default_factory=dict)
