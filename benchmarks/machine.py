"""What a reader must know of where figures were taken."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import psutil

from benchmarks.environments import REPOSITORY, Environment

_GIB = 1024**3
_IDLE_LOAD_PER_CPU = 0.25


def machine_facts() -> dict[str, str]:
    """Date, hardware, system and how busy the machine was before the first run."""
    cpus = len(psutil.Process().cpu_affinity() or [])
    load = os.getloadavg()[0]
    idle = "" if load <= _IDLE_LOAD_PER_CPU * cpus else "; **not idle: other processes disturbed the figures**"
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "commit": commit(),
        "CPUs": f"{cpus}, {_cpu_model()}",
        "memory": f"{psutil.virtual_memory().total / _GIB:.0f} GiB",
        "system": platform.platform(terse=True),
        "load before the start": f"{load:.2f}{idle}",
        "Python": platform.python_version(),
    }


def version_facts(environments: Mapping[str, Environment], packages: tuple[str, ...]) -> dict[str, str]:
    """Versions of the packages that matter, by the name of the environment."""
    told = {}
    for name, environment in environments.items():
        versions = environment.versions()
        told[name] = ", ".join(f"{package} {versions[package]}" for package in packages if package in versions)
    return told


def commit() -> str:
    """What the present sources are."""
    command = ["git", "-C", str(REPOSITORY), "describe", "--always", "--dirty"]
    found = subprocess.run(command, check=False, capture_output=True, text=True)
    return found.stdout.strip() or "unknown"


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or "unknown"
