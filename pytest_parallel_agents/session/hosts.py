"""Connects to the hosts on which workers are to run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

import execnet
import pytest

from pytest_parallel_agents.compat.cache_copy import copy_cache
from pytest_parallel_agents.dask_spec import parse_dask
from pytest_parallel_agents.early_bound import os, time
from pytest_parallel_agents.errors import AgentsError, UsageFaults
from pytest_parallel_agents.session.dask_hosts import DaskHosts
from pytest_parallel_agents.session.git_output import git_output
from pytest_parallel_agents.transports.joining import JoiningHosts
from pytest_parallel_agents.transports.remote.host_messages import DigestOnHost
from pytest_parallel_agents.transports.remote.transport import HostPlace, RemoteTransport
from pytest_parallel_agents.transports.session_settings import RunWide
from pytest_parallel_agents.transports.ssh import SshConnection

_LISTING_SECONDS: Final = 10.0
_SETTINGS_FILES: Final = ("pyproject.toml", "pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg", "setup.py")


def open_hosts(
    run: RunWide, names: Mapping[str, str], clusters: Sequence[str], joining: JoiningHosts
) -> dict[str, RemoteTransport]:
    """A connected transport for each spec, whose host has the name that `names` has for it. The hosts of clusters are
    `joining`.

    Raises UsageFaults with what is wrong with any of them.
    """
    config = run.session.config
    copy_cache(config, run.run_folder.cache)
    code = code_of(run.session)
    transports = {
        spec: RemoteTransport(run, _place(execnet.XSpec(spec), name, config), code) for spec, name in names.items()
    }

    opened: list[RemoteTransport] = []

    def connect(spec: str) -> None:
        transports[spec].open(SshConnection(execnet.XSpec(spec)))
        opened.append(transports[spec])

    def join(spec: str) -> None:
        source = DaskHosts(run, parse_dask(spec), code, joining)
        joining.add_source(source)
        source.open()

    openings = [*(partial(connect, spec) for spec in transports), *(partial(join, spec) for spec in clusters)]
    with ThreadPoolExecutor(len(openings)) as threads:  # each waits for its network
        found = [fault for fault in threads.map(_fault, openings) if fault is not None]
    if found:
        for transport in opened:
            transport.close()
        raise UsageFaults(found)
    return transports


def _fault(opening: Callable[[], None]) -> AgentsError | None:
    try:
        opening()
    except AgentsError as fault:
        return fault
    return None


def code_of(session: pytest.Session) -> DigestOnHost:
    """The files by which it is seen whether a host has the same code, as paths relative to the root."""
    config = session.config
    root = config.rootpath
    conftests = [getattr(plugin, "__file__", None) or "" for plugin in config.pluginmanager.get_plugins()]
    files = [
        *(item.path for item in session.items),
        *(root / path for path in conftests if os.path.basename(path) == "conftest.py"),
        *(root / name for name in _SETTINGS_FILES),
        *([config.inipath] if config.inipath else []),
    ]
    below = {str(file.relative_to(root)): file for file in files if file.is_relative_to(root)}
    listed = git_output(("ls-files", "-z", "--", "*.py"), root, time.monotonic() + _LISTING_SECONDS) or b""
    return DigestOnHost(
        files=tuple(path for path, file in below.items() if file.is_file()),
        tracked=tuple(path for path in map(os.fsdecode, listed.split(b"\0")) if path),
    )


def _place(spec: execnet.XSpec, name: str, config: pytest.Config) -> HostPlace:
    parts = [part for part in str(spec).split("//") if part.partition("=")[0] not in ("id", "execmodel")]
    return HostPlace(
        host=name,
        spec="//".join(parts),
        folder=str(spec.chdir or config.rootpath),
        nice=int(spec.nice or 0),
        variables={name: str(value) for name, value in spec.env.items()},
    )
