"""The capacity of this machine, and this process's share of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest


def forks_safely() -> bool:
    """Whether forks are safe: on macOS a fork of a process that has used system frameworks may crash, and Windows has
    none.
    """
    return sys.platform == "linux"


def available_cpus(config: pytest.Config) -> int:
    """CPUs that this process may use: by a plugin or xdist's environment variable, else by affinity and quota."""
    chosen = os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS", "")
    if chosen.isdigit():
        return int(chosen)
    caller = getattr(config.hook, "pytest_xdist_auto_num_workers", None)
    if caller is not None and any(found.plugin_name != "xdist" for found in caller.get_hookimpls()):
        return int(caller(config=config))
    return usable_cpus()


def usable_cpus() -> int:
    """CPUs that affinity and quota let this process use."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(usable, _cgroup_quota() or usable))


def _cgroup_quota() -> int | None:
    """Whole CPUs that the container's quota allows (cgroup v2, then v1); None without one."""
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
    except (OSError, ValueError):
        try:
            quota = Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us").read_text().strip()
            period = Path("/sys/fs/cgroup/cpu/cpu.cfs_period_us").read_text().strip()
        except OSError:
            return None
    if not quota.isdigit() or not period.isdigit() or int(period) == 0:
        return None
    return max(1, int(quota) // int(period))
