"""How many CPUs are taken, and by what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pytest_parallel_agents.model.plan import Lock, Plan
from pytest_parallel_agents.scheduling.hosts import Hosts
from pytest_parallel_agents.scheduling.states import HostState, Lane

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
        self._locks = plan.locks
        self._per_host = plan.per_host
        lanes = plan.lanes if plan.per_host else ()
        self._tied = {check for lane in lanes if self._written_per_host(lane) for check in lane}
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
        claim = self.claims[lane.head]
        if lane.worker is not None:
            most = lane.worker.host.cpus
        elif self._tied and (tied_to := self.tied_to_hosts(lane)):
            most = self._largest_with(tied_to)
        else:
            most = self.hosts.largest
        return claim if claim <= most else most  # noqa: FURB136 - calling `min` takes longer

    def tied_to_hosts(self, lane: Lane) -> list[Lock]:
        """What only some hosts may have of all that the lane needs until its end: it stays where it begins."""
        return self._written_per_host(lane.rest()) if self._tied and lane.head in self._tied else []

    def has(self, host: HostState, tied_to: Iterable[Lock]) -> bool:
        """Whether the host has what these locks stand for, which are all per host."""
        return all(host.capacities.get(lock.name, self._capacities.get(lock.name, 1)) > 0 for lock in tied_to)

    def suitable(self, lane: Lane) -> list[HostState]:
        """The hosts on which the lane could begin if nothing else ran there."""
        claim, tied_to = self.claim_of(lane), self.tied_to_hosts(lane)
        return [host for host in self.hosts.live.values() if host.cpus >= claim and self.has(host, tied_to)]

    def admits(self, host: HostState, claim: int) -> bool:
        """Whether a check with this claim leaves the CPUs of its host a worker each."""
        return claim > 0 or host.has_light_room or not self._computing

    def hosts_changed(self) -> None:
        """A host was lost or has joined."""
        self._largest_having.clear()

    def forget(self, check: int) -> None:
        """The check is over and will claim nothing again."""
        self._computing -= self.claims[check] > 0

    def _written_per_host(self, checks: tuple[int, ...]) -> list[Lock]:
        locks = (lock for check in checks for lock in self._locks.get(check, ()))
        return [lock for lock in locks if lock.write and lock.name in self._per_host]

    def _largest_with(self, tied_to: list[Lock]) -> int:
        """CPUs of the largest host that has all of these, or of the largest there is."""
        names = frozenset(lock.name for lock in tied_to)
        if names not in self._largest_having:
            having = [host.cpus for host in self.hosts.live.values() if self.has(host, tied_to)]
            self._largest_having[names] = max(having, default=self.hosts.largest)
        return self._largest_having[names]
