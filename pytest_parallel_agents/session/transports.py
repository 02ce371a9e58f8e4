"""Makes the transport of a run, of what the user asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import pytest

from pytest_parallel_agents.compat.xdist import XdistCompat
from pytest_parallel_agents.options import Options
from pytest_parallel_agents.process_tree import LeftoverGroups
from pytest_parallel_agents.session.garbage import collect_once
from pytest_parallel_agents.transports.base import Transport
from pytest_parallel_agents.transports.joining import JoiningHosts
from pytest_parallel_agents.transports.mixed import MixedTransport, Share
from pytest_parallel_agents.transports.session_settings import RunWide
from pytest_parallel_agents.transports.surroundings import random_hash_seed
from pytest_parallel_agents.wire.run_folder import RunFolder
from pytest_parallel_agents.worker.parameters import unlike_others
from pytest_parallel_agents.worker_specs import host_names, is_remote, kind_of
from pytest_parallel_agents.worker_specs import shares as shares_of

_HERE: Final = "the controller"
"""Has the place of a worker's name in what people read."""


def make_transport(
    session: pytest.Session, options: Options, run_folder: RunFolder, compat: XdistCompat, joining: JoiningHosts
) -> Transport:
    """A transport that has no worker yet, and is connected to its hosts. Those of clusters go into `joining`.

    Raises OSError when there is no process to fork workers from, in one that becomes a worker BecameWorker, and
    UsageFaults with what is wrong with hosts.
    """
    base_temp = getattr(session.config, "_tmp_path_factory", None)
    if base_temp is not None:
        base_temp.getbasetemp()  # before the fork, or each worker would make its own base
    run = RunWide(session, compat, run_folder, random_hash_seed(), options.limits.grace)
    clusters = [spec for spec in options.specs if kind_of(spec) == "dask"]
    makers = _Makers(run, shares_of(options.specs, options.cpus), clusters)
    shares: list[Share] = []
    try:
        shares.extend(makers.local())
        makers.note_parameters()
        shares.extend(makers.remote(joining))
    except BaseException:  # in a process that becomes a worker there is none yet
        joining.close()
        MixedTransport(shares).close()
        raise
    return shares[0].transport if len(shares) == 1 else MixedTransport(shares)


class _Makers:
    """Makes the transport of each kind of workers."""

    def __init__(self, run: RunWide, counts: Mapping[str, int], clusters: Sequence[str]) -> None:
        self._run = run
        self._clusters = clusters
        self._counts = counts
        self._leftover_groups = LeftoverGroups(run.grace)

    def local(self) -> Iterator[Share]:
        """Forks first: from then on this process may have threads."""
        if "fork" in self._counts:
            yield Share(self._forking(), self._counts["fork"])
        fresh = [spec for spec, count in self._counts.items() for _ in range(count) if kind_of(spec) == "popen"]
        if fresh:
            yield Share(self._spawning(fresh), len(fresh))

    def note_parameters(self) -> None:
        """Lets fresh interpreters compare their parameters with those collected here, where they cannot do so among
        themselves: forks have the latter, and each host compares on its own.
        """
        kinds = {spec if is_remote(spec) else kind_of(spec) for spec in self._counts}
        if len(kinds) > 1 or self._clusters:
            items = self._run.session.items
            unlike_others(_HERE, items, [item.nodeid for item in items], self._run.run_folder.parameters)

    def remote(self, joining: JoiningHosts) -> list[Share]:
        """One connection for all workers with the same spec, and one to each cluster, whose hosts are joining.

        Raises UsageFaults with what is wrong with any of them.
        """
        names = {spec: name for spec, name in host_names(self._counts).items() if is_remote(spec)}
        if not names and not self._clusters:
            return []
        from pytest_parallel_agents.session.hosts import open_hosts

        transports = open_hosts(self._run, names, self._clusters, joining)
        return [Share(transport, self._counts[spec], names[spec]) for spec, transport in transports.items()]

    def _spawning(self, specs: Sequence[str]) -> Transport:
        from pytest_parallel_agents.transports.spawn import SpawnTransport

        return SpawnTransport(self._run, specs, self._leftover_groups)

    def _forking(self) -> Transport:
        from pytest_parallel_agents.transports.fork import ForkTransport

        run = self._run
        transport = ForkTransport(
            run.session,
            run.compat,
            run.run_folder,
            self._leftover_groups,
            fallback=lambda: self._spawning(["popen"]),
        )
        collect_once(run.session.config)  # not before: it is none of the workers' plugins
        return transport
