"""How many CPUs are taken, and by what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_parallel_agents.model.plan import Plan
from pytest_parallel_agents.scheduling.hosts import Hosts, HostState
from pytest_parallel_agents.scheduling.lane import Lane

PLAIN_CLAIM: Final = 1
"""CPUs of a check that declares none."""


class Capacity:
    """`claims` are the CPUs that each check takes: none if it only waits, and never more than the
    largest host had when the run began.

    Checks that only wait leave one worker for each CPU of a host, if it has more workers than CPUs, as long as any
    check is left that computes.
    """

    def __init__(self, plan: Plan, hosts: Hosts) -> None:
        self.claims = {index: min(check.cpus, hosts.largest) for index, check in plan.checks.items()}
        self.hosts = hosts
        self._capacities = plan.capacities
        self._needs = dict(_needs(plan))
        self._largest_having: dict[frozenset[str], int] = {}
        self._computing = sum(claim > 0 for claim in self.claims.values())

    @property
    def cpus(self) -> int:
        return self.hosts.cpus

    @property
    def free(self) -> int:
        return self.hosts.free

    @property
    def least(self) -> int:
        """The smallest claim that can be met now: 0, or 1 when no more checks that only wait may start."""
        return 0 if self.hosts.has_light_room or not self._computing else 1

    def claim_of(self, lane: Lane) -> int:
        """The CPUs that the head of the lane takes, where it is under way or on any host that is left."""
        head = lane.head
        claim = self.claims[head]
        if lane.worker is not None:
            most = lane.worker.host.cpus
        elif head in self._needs:
            most = self._largest_with(self._needs[head])
        else:
            most = self.hosts.largest
        return claim if claim <= most else most  # noqa: FURB136 - calling `min` takes longer

    def admits(self, host: HostState, claim: int) -> bool:
        """Whether a check with this claim leaves the CPUs of its host a worker each."""
        return claim > 0 or host.has_light_room or not self._computing

    def hosts_changed(self) -> None:
        """A host was lost or has joined."""
        self._largest_having.clear()

    def _largest_with(self, resources: frozenset[str]) -> int:
        """CPUs of the largest host that has all of these, or of the largest there is."""
        if resources not in self._largest_having:
            having = [host.cpus for host in self.hosts.live.values() if host.size > 0 and self._has(host, resources)]
            self._largest_having[resources] = max(having, default=self.hosts.largest)
        return self._largest_having[resources]

    def _has(self, host: HostState, resources: frozenset[str]) -> bool:
        return all(host.capacities.get(name, self._capacities.get(name, 1)) for name in resources)

    def forget(self, check: int) -> None:
        """The check is over and will claim nothing again."""
        self._computing -= self.claims[check] > 0


def _needs(plan: Plan) -> Iterator[tuple[int, frozenset[str]]]:
    """The resources per host that the lane of each check writes, where it writes any."""
    for lane in plan.lanes if plan.per_host else ():
        locks = (lock for check in lane for lock in plan.locks.get(check, ()))
        names = frozenset(lock.name for lock in locks if lock.write and lock.name in plan.per_host)
        if names:
            yield from ((check, names) for check in lane)
