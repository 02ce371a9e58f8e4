"""Which workers the user asks for."""

from __future__ import annotations

import sys
from typing import Final

import pytest

from pytest_parallel_agents.errors import NUMBER_OF_WORKERS, AgentsError
from pytest_parallel_agents.machine import available_cpus, forks_safely

LOCAL_TRANSPORTS: Final = ("fork", "popen")


def asked_workers(
    config: pytest.Config, configured: int | None, faults: list[AgentsError]
) -> tuple[tuple[str, ...], int]:
    """Specs and number of workers, from `-n`, `--tx` and the configuration."""
    specs, counted = _specs(config.getoption("tx", None) or [], faults)
    wanted = config.getoption("numprocesses", None)
    if isinstance(wanted, int) and wanted < 0:
        faults.append(AgentsError(f"-n is {wanted}", hint=NUMBER_OF_WORKERS))
    if is_interactive(config):
        count = 0
    elif isinstance(wanted, int):
        count = wanted
    elif wanted is None and counted:
        count = len(specs)
    elif wanted is None and configured is not None:
        count = configured
    else:
        count = available_cpus(config)
    most = config.getoption("maxprocesses", None)
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
        times, star, spec = text.partition("*")
        specs.extend([spec] * int(times) if star and times.isdigit() else [text])
    faults.extend(
        AgentsError(f"--tx {text} asks for no worker", hint="use -n 0 to run everything in this process")
        for text in written
        if text.startswith("0*")
    )
    unknown = {spec.partition("//")[0] for spec in specs} - set(LOCAL_TRANSPORTS)
    faults.extend(
        AgentsError(f"--tx {kind} is no transport of --agents", hint="use fork or popen") for kind in sorted(unknown)
    )
    if "fork" in specs and len(set(specs)) > 1:
        faults.append(AgentsError("--tx mixes fork with other workers", hint="use one of them"))
    if "fork" in specs and not forks_safely():
        faults.append(AgentsError(f"--tx fork does not work on {sys.platform}", hint="use --tx popen"))
    default = "fork" if forks_safely() else "popen"
    return tuple(specs) or (default,), len(specs) > 1 or any("*" in text for text in written)
