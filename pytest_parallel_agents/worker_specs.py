"""Which workers the user asks for."""

from __future__ import annotations

import re
import shlex
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle, islice
from typing import Final

import execnet
import pytest

from pytest_parallel_agents.dask_spec import PREFIX, parse_dask
from pytest_parallel_agents.errors import NUMBER_OF_WORKERS, AgentsError
from pytest_parallel_agents.machine import available_cpus, forks_safely

_KEYS: Final = {
    "fork": frozenset({"fork"}),
    "popen": frozenset({"popen", "python", "chdir", "nice", "id", "execmodel", "dont_write_bytecode"}),
    "ssh": frozenset({"ssh", "ssh_config", "python", "chdir", "nice", "id", "execmodel"}),
}
"""What a spec may have, by the kind of workers; `env:NAME` too, but for forks."""


_TRAILING_SLASH: Final = re.compile(r"(?<![=/])/(?=//)")
"""At the end of a folder before another key, where a shell's completion puts it."""


def asked_workers(
    config: pytest.Config, configured: int | None, faults: list[AgentsError]
) -> tuple[tuple[str, ...], int]:
    """Specs and number of workers, from `-n`, `--tx` and the configuration."""
    specs, counted = _specs(config.getoption("tx", None) or [], faults)
    wanted = config.getoption("numprocesses", None)
    most = config.getoption("maxprocesses", None)
    if not counted and kind_of(specs[0]) == "dask":
        numbers = [number for number in (wanted, most) if isinstance(number, int) and number > 0]
        specs = (f"{min(numbers)}*{specs[0]}",) if numbers else specs
    if isinstance(wanted, int) and wanted < 0:
        faults.append(AgentsError(f"-n is {wanted}", hint=NUMBER_OF_WORKERS))
    if is_interactive(config):
        count = 0
    elif isinstance(wanted, int):
        count = wanted
    elif wanted is None and counted:
        count = sum(map(number_of, specs))
    elif wanted is None and configured is not None:
        count = configured
    else:
        count = available_cpus(config)
    return specs, min(count, most) if most else count


_NEEDS_TERMINAL: Final = ("usepdb", "trace", "setupshow", "setuponly", "setupplan")
"""Options of pytest under which a check needs this process and its terminal."""


def is_interactive(config: pytest.Config) -> bool:
    """Whether checks need this process and its terminal."""
    return any(config.getoption(name, default=False) for name in _NEEDS_TERMINAL)


def _specs(written: list[str], faults: list[AgentsError]) -> tuple[tuple[str, ...], bool]:
    """Execnet specs, and whether they give the number of workers: `2*popen` does, a single `popen` does not."""
    specs: list[str] = []
    for text in written:
        times, star, spec = _TRAILING_SLASH.sub("", text).partition("*")
        is_counted = star and times.isdigit() and kind_of(text) != "dask"  # which may have fewer, and other ones
        specs.extend([spec] * int(times) if is_counted else [f"{times}{star}{spec}"])
    faults.extend(
        AgentsError(f"--tx {text} asks for no worker", hint="use -n 0 to run everything in this process")
        for text in written
        if text.startswith("0*")
    )
    for spec in dict.fromkeys(specs):
        faults.extend(_faults_of(spec))
    if "fork" in specs and not forks_safely():
        faults.append(AgentsError(f"--tx fork does not work on {sys.platform}", hint="use --tx popen"))
    default = "fork" if forks_safely() else "popen"
    return tuple(specs) or (default,), len(specs) > 1 or any("*" in text for text in written)


def shares(specs: Sequence[str], workers: int) -> dict[str, int]:
    """How many of the workers each spec has: they are taken in turns. Clusters of Dask have numbers of their own."""
    own = sum(number_of(spec) for spec in specs if kind_of(spec) == "dask")
    others = [spec for spec in specs if kind_of(spec) != "dask"]
    left = max(workers - own, len(set(others))) if own else workers
    return dict(Counter(islice(cycle(others), left)))


def host_names(specs: Iterable[str]) -> dict[str, str]:
    """The name of the host of each spec, empty for this machine. Two specs for one machine have names of their own."""
    names: dict[str, str] = {}
    for spec in specs:
        target = spec.partition("//")[0].partition("=")[2].split()
        name = target[-1] if is_remote(spec) and target else ""
        known = sum(1 for other in names.values() if name and other.partition("#")[0] == name)
        names.setdefault(spec, f"{name}#{known + 1}" if known else name)
    return names


def kind_of(spec: str) -> str:
    """The kind of workers that a spec asks for: its first key."""
    return spec.partition("//")[0].partition("=")[0].rpartition("*")[2]


def number_of(spec: str) -> int:
    """How many workers a spec asks for, 1 if it leaves that to the cluster."""
    number = spec.partition(PREFIX)[0].removesuffix("*")
    return int(number) if kind_of(spec) == "dask" and number.isdecimal() else 1


def leaves_number_open(spec: str) -> bool:
    """Whether a cluster decides how many workers there are."""
    return spec.startswith(PREFIX)


def is_remote(spec: str) -> bool:
    """Whether its workers are on another machine."""
    return kind_of(spec) not in ("fork", "popen")


def _faults_of(text: str) -> Iterator[AgentsError]:
    kind = kind_of(text)
    if kind == "dask":
        try:
            parse_dask(text)
        except AgentsError as fault:
            yield fault
        return
    if kind not in _KEYS:
        yield AgentsError(f"--tx {kind} is no transport of --agents", hint=f"use {', '.join(_KEYS)}, dask")
        return
    try:
        spec = execnet.XSpec(text)
    except (ValueError, AttributeError, IndexError) as error:
        yield AgentsError(f"--tx {text} cannot be read: {error}", hint="write key=value//key=value")
        return
    keys = [part.partition("=")[0] for part in text.split("//")]
    for key in keys:
        if key not in _KEYS[kind] and not (key.startswith("env:") and kind != "fork"):
            yield AgentsError(
                f"--tx {text}: {kind} has no {key}", hint=f"it has {', '.join(sorted(_KEYS[kind]))}, env:NAME"
            )
    yield from _faults_of_values(text, kind, spec)


def _faults_of_values(text: str, kind: str, spec: execnet.XSpec) -> Iterator[AgentsError]:
    if kind == "ssh" and not text.partition("//")[0].partition("=")[2].split():
        yield AgentsError(f"--tx {text} names no host", hint="write ssh=HOST or ssh=USER@HOST")
    words = str((spec.ssh if kind == "ssh" else spec.python) or "")
    try:
        shlex.split(words)
    except ValueError as error:
        yield AgentsError(f"--tx {text}: {words} cannot be read: {error}", hint="quote it as in a shell")
    try:
        int(spec.nice or 0)
    except ValueError:
        yield AgentsError(f"--tx {text}: nice is {spec.nice!r}", hint="give a whole number")
