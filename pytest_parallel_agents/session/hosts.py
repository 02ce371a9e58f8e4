"""Connects to the hosts on which workers are to run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import execnet
import pytest

from pytest_parallel_agents.compat.cache_copy import copy_cache
from pytest_parallel_agents.controller.signals import sigterm_interrupts
from pytest_parallel_agents.dask_spec import parse_dask
from pytest_parallel_agents.early_bound import os, time
from pytest_parallel_agents.errors import AgentsError, UsageFaults
from pytest_parallel_agents.session.dask_hosts import DaskHosts
from pytest_parallel_agents.session.git_output import git_output
from pytest_parallel_agents.transports.joining import JoiningHosts
from pytest_parallel_agents.transports.remote.host_messages import DigestOnHost
from pytest_parallel_agents.transports.remote.same_code import knows_git
from pytest_parallel_agents.transports.remote.transport import HostPlace, RemoteTransport
from pytest_parallel_agents.transports.session_settings import RunWide
from pytest_parallel_agents.transports.ssh import SshConnection

_LISTING_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 0.1
"""A signal that arrives just before a wait begins does not end it, and is handled afterwards."""

_TRACKED: Final = ("ls-files", "-z", "--recurse-submodules")
_UNTRACKED: Final = ("ls-files", "-z", "--others", "--exclude-standard", "--", "*.py")
_FOLDER_FILES: Final = ("conftest.py", "__init__.py")
_SETTINGS_FILES: Final = (
    *("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini"),
    *("pyproject.toml", "tox.ini", "setup.cfg", "setup.py"),
)


@sigterm_interrupts()  # hosts may answer late
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
    connections = {spec: SshConnection(execnet.XSpec(spec)) for spec in names}
    sources = [DaskHosts(run, parse_dask(spec), code, joining) for spec in clusters]
    opened: list[RemoteTransport] = []

    def connect(spec: str) -> None:
        connections[spec].open()
        transports[spec].open(connections[spec])
        opened.append(transports[spec])

    for source in sources:
        joining.add_source(source)
    openings = [
        *(_Opening(partial(connect, spec), connection.cut) for spec, connection in connections.items()),
        *(_Opening(source.open, source.cancel) for source in sources),
    ]
    with ExitStack() as ends:
        ends.callback(_close_all, opened)
        if found := _faults(openings):
            raise UsageFaults(found)
        ends.pop_all()
    return transports


class _Opening(NamedTuple):
    """`begin` returns when the connection is there, and raises AgentsError. After `cancel` it does so soon, also if it
    had not been called by then.
    """

    begin: Callable[[], None]
    cancel: Callable[[], None]


def _faults(openings: Sequence[_Opening]) -> list[AgentsError]:
    """What is wrong with any of them, which are made at once: each waits for its network. A KeyboardInterrupt cancels
    them.
    """
    with ThreadPoolExecutor(len(openings)) as threads:
        try:
            futures = [threads.submit(_fault, opening.begin) for opening in openings]
            while wait(futures, timeout=_LOOK_SECONDS).not_done:
                pass
        except KeyboardInterrupt:
            for opening in openings:
                opening.cancel()
            raise
    return [fault for future in futures if (fault := future.result()) is not None]


def _fault(begin: Callable[[], None]) -> AgentsError | None:
    try:
        begin()
    except AgentsError as fault:
        return fault
    return None


def _close_all(transports: Iterable[RemoteTransport]) -> None:
    for transport in transports:
        transport.close()


def code_of(session: pytest.Session) -> DigestOnHost:
    """The files by which it is seen whether a host has the same code, as paths relative to the root. Some may not be
    here, and then must not be there either. Raises UsageFaults if git cannot list them.
    """
    config = session.config
    root = config.rootpath
    conftests = [getattr(plugin, "__file__", None) or "" for plugin in config.pluginmanager.get_plugins()]
    tests = dict.fromkeys(item.path for item in session.items)
    folders = dict.fromkeys([root, *(folder for file in tests for folder in file.parents)])
    files = [
        *tests,
        *(root / path for path in conftests if os.path.basename(path) == "conftest.py"),
        *(folder / name for folder in folders for name in _FOLDER_FILES),
        *(root / name for name in _SETTINGS_FILES),
        *([config.inipath] if config.inipath else []),
    ]
    below = dict.fromkeys(str(file.relative_to(root)) for file in files if file.is_relative_to(root))
    return DigestOnHost(files=tuple(below), listed=_listed(root) if knows_git(root) else ())


def _listed(root: Path) -> tuple[str, ...]:
    """What git tracks, which checks may import, read or judge, and what may be imported beside it."""
    until = time.monotonic() + _LISTING_SECONDS
    tracked, untracked = (git_output(words, root, until) for words in (_TRACKED, _UNTRACKED))
    if tracked is None or untracked is None:
        raise UsageFaults(
            [AgentsError("git does not list the files that hosts must have", hint=f"try: git -C {root} ls-files")]
        )
    return tuple(path for path in map(os.fsdecode, (tracked + untracked).split(b"\0")) if path)


def _place(spec: execnet.XSpec, name: str, config: pytest.Config) -> HostPlace:
    parts = [part for part in str(spec).split("//") if part.partition("=")[0] not in ("id", "execmodel")]
    return HostPlace(
        host=name,
        spec="//".join(parts),
        folder=str(spec.chdir or config.rootpath),
        nice=int(spec.nice or 0),
        variables={name: str(value) for name, value in spec.env.items()},
    )
