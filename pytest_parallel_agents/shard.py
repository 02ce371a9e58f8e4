"""Which part of the checks this machine runs."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import pytest

from pytest_parallel_agents.errors import AgentsError

_SHARD: Final = re.compile(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,5})")


class Shard(NamedTuple):
    """`--agents-shard`: the part of the checks that this machine runs; `number` counts from 1."""

    number: int
    total: int

    def __str__(self) -> str:
        return f"{self.number}/{self.total}"


def parse_shard(text: str) -> Shard | None:
    """The shard that is written as I/N; None for anything else."""
    match = _SHARD.fullmatch(text)
    if match is None or int(match[1]) > int(match[2]):
        return None
    return Shard(int(match[1]), int(match[2]))


def asked_shard(config: pytest.Config, faults: list[AgentsError]) -> Shard | None:
    """None without `--agents-shard`, and where it cannot be understood."""
    given: str | None = config.option.agents_shard
    if given is None:
        return None
    shard = parse_shard(given)
    if shard is None:
        faults.append(AgentsError(f"--agents-shard is {given!r}", hint="give I/N, such as 1/4 for the first of four"))
    return shard


def refuse_waiting(shard: Shard | None, wait: int | None, faults: list[AgentsError]) -> None:
    """Adds a fault for a shard of a run that waits for so many of all its checks."""
    if shard is not None and wait is not None:
        fault = "--agents-shard and --agents-wait (or the key wait): no shard knows how many checks pass in the others"
        faults.append(AgentsError(fault, hint="wait for all, or drop --agents-shard"))
