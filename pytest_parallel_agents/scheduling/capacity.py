"""How many CPUs are taken, and by what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_parallel_agents.model import Plan
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
        self.claims.update(_claims_where_resources_are(plan, hosts))
        self.hosts = hosts
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
        most = self.hosts.largest if lane.worker is None else lane.worker.host.cpus
        return claim if claim <= most else most  # noqa: FURB136 - calling `min` takes longer

    def admits(self, host: HostState, claim: int) -> bool:
        """Whether a check with this claim leaves the CPUs of its host a worker each."""
        return claim > 0 or host.has_light_room or not self._computing

    def forget(self, check: int) -> None:
        """The check is over and will claim nothing again."""
        self._computing -= self.claims[check] > 0


def _claims_where_resources_are(plan: Plan, hosts: Hosts) -> Iterator[tuple[int, int]]:
    """Claims of lanes that need what only some hosts have: never more than the largest of these hosts has."""
    if not any(host.capacities for host in hosts.live.values()):
        return
    for lane in plan.lanes:
        names = {lock.name for check in lane for lock in plan.locks.get(check, ()) if lock.write} & plan.per_host
        having = [host.cpus for host in hosts.live.values() if all(host.capacities.get(name, 1) for name in names)]
        if names and having:
            yield from ((check, min(plan.checks[check].cpus, max(having))) for check in lane)
