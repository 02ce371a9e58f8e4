"""The suspects of each family of failures, and the order in which they are worth a look."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import zip_longest
from typing import Final, TypeVar

from pytest_parallel_agents.convergence.clusters import Family, families
from pytest_parallel_agents.convergence.code import HELPER, PROJECT, TEST
from pytest_parallel_agents.convergence.evidence import CheckEvidence
from pytest_parallel_agents.convergence.fault import Fault, Place, Scene
from pytest_parallel_agents.convergence.functions import FunctionRange
from pytest_parallel_agents.convergence.kinds.kind import EvidenceKind
from pytest_parallel_agents.convergence.scoring import Suspect, suspects

Each = TypeVar("Each")

LEAST_SHARE: Final = 0.2
"""Of a family's failures that a cluster must have to have a first place of its own."""


class Explained:
    """Failures of one fault with the functions under suspicion, in groups of equal score, likeliest first."""

    def __init__(self, fault: Fault, groups: Sequence[tuple[Suspect, ...]]) -> None:
        self.fault = fault
        self.groups = groups

    @property
    def likeliest(self) -> frozenset[FunctionRange]:
        return frozenset(suspect.function for suspect in self.groups[0]) if self.groups else frozenset()

    @cached_property
    def lines(self) -> Sequence[tuple[Place, ...]]:
        """The statements under suspicion in groups of equal score, likeliest first."""
        scores: dict[float, list[Place]] = {}
        for suspect in (suspect for group in self.groups for suspect in group):
            for line in suspect.lines:
                scores.setdefault(line.score, []).append(Place(suspect.function.path, line.line))
        return [tuple(scores[score]) for score in sorted(scores, reverse=True)]


class Explanation:
    """A family of failures: each of its clusters explained alone, and all of them together."""

    def __init__(self, clusters: Sequence[Explained], whole: Explained) -> None:
        self.clusters = clusters
        self.whole = whole

    @property
    def large_clusters(self) -> Sequence[Explained]:
        """Where there are several, those with a fair share of the failures: others are oddities of the same fault."""
        least = LEAST_SHARE * len(self.whole.fault.failing)
        return [each for each in self.clusters if len(each.fault.failing) >= least] if len(self.clusters) > 1 else ()

    @property
    def role(self) -> int:
        """That of the files under suspicion."""
        return self.whole.fault.role

    @property
    def is_of_broken_files(self) -> bool:
        """Whether these are files that could not be collected: they are where to look."""
        return all("::" not in check.nodeid for check in self.whole.fault.failing)

    @property
    def order(self) -> tuple[int, bool, int, float, str]:
        """Faults in the project first, with code that ran in a check before what is only imported; then those with most
        failures, then those with the likeliest place.
        """
        failing, groups = self.whole.fault.failing, self.whole.groups
        score = groups[0][0].score if groups else 0.0
        return (self.role, not self.whole.fault.touched, -len(failing), -score, failing[0].nodeid)


def explanations(failing: Sequence[CheckEvidence], scene: Scene, kinds: Sequence[EvidenceKind]) -> list[Explanation]:
    """One for each fault; families with a likeliest function in common have the same."""
    found: list[Explanation] = []
    for family in families(failing, scene):
        explanation = _explanation(family, scene, kinds)
        while (alike := next((each for each in found if _are_one(each, explanation)), None)) is not None:
            found.remove(alike)
            explanation = _explanation(_joined(alike, explanation), scene, kinds)
        found.append(explanation)
    return sorted(found, key=lambda each: each.order)


def by_turns(
    found: Sequence[Explanation], ranked: Callable[[Explained], Sequence[Each]]
) -> Iterator[tuple[Explained, Each]]:
    """The likeliest of each family, then the second of each.

    Those of a family with several clusters are the first one of each large one, then those of all together.
    """
    for together in zip_longest(*(_turns(each, ranked) for each in found)):
        yield from (each for each in together if each is not None)


def _turns(explanation: Explanation, ranked: Callable[[Explained], Sequence[Each]]) -> Iterator[tuple[Explained, Each]]:
    for cluster in explanation.large_clusters:
        yield from ((cluster, each) for each in ranked(cluster)[:1])
    yield from ((explanation.whole, each) for each in ranked(explanation.whole))


def _are_one(one: Explanation, other: Explanation) -> bool:
    return one.role == other.role == PROJECT and not one.whole.likeliest.isdisjoint(other.whole.likeliest)


def _joined(one: Explanation, other: Explanation) -> Family:
    clusters = [each.fault.failing for each in (*one.clusters, *other.clusters)]
    return tuple(sorted(clusters, key=lambda each: (-len(each), each[0].nodeid)))


def _explanation(family: Family, scene: Scene, kinds: Sequence[EvidenceKind]) -> Explanation:
    """Clusters with a likeliest function in common are one."""
    apart: list[Explained] = []
    for cluster in family:
        explained = _explained(cluster, scene, kinds)
        while (alike := next((each for each in apart if _meet(each, explained)), None)) is not None:
            apart.remove(alike)
            explained = _explained((*alike.fault.failing, *explained.fault.failing), scene, kinds)
        apart.append(explained)
    apart.sort(key=lambda each: (-len(each.fault.failing), each.fault.failing[0].nodeid))
    if len(apart) == 1:
        return Explanation(apart, apart[0])
    return Explanation(apart, _explained([check for cluster in family for check in cluster], scene, kinds))


def _meet(one: Explained, other: Explained) -> bool:
    return one.fault.role == other.fault.role == PROJECT and not one.likeliest.isdisjoint(other.likeliest)


def _explained(failing: Sequence[CheckEvidence], scene: Scene, kinds: Sequence[EvidenceKind]) -> Explained:
    """Tests and their helpers are under suspicion only if nothing of the project is."""
    for role in (PROJECT, HELPER, TEST):
        fault = scene.fault(failing, role)
        groups = suspects(fault, kinds)
        if groups:
            break
    return Explained(fault, groups)
