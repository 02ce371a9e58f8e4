"""The suspects of each family of failures, and the order in which they are worth a look."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import zip_longest
from typing import TypeVar

from pytest_parallel_agents.convergence.clusters import families
from pytest_parallel_agents.convergence.code import HELPER, PROJECT, TEST
from pytest_parallel_agents.convergence.evidence import CheckEvidence
from pytest_parallel_agents.convergence.fault import Fault, Place, Scene
from pytest_parallel_agents.convergence.functions import FunctionRange
from pytest_parallel_agents.convergence.kinds.kind import EvidenceKind
from pytest_parallel_agents.convergence.scoring import Suspect, suspects

Each = TypeVar("Each")


class Explanation:
    """A family of failures with the functions under suspicion, in groups of equal score, likeliest first."""

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

    @property
    def role(self) -> int:
        """That of the files under suspicion."""
        return self.fault.role

    @property
    def is_of_broken_files(self) -> bool:
        """Whether these are files that could not be collected: they are where to look."""
        return all("::" not in check.nodeid for check in self.fault.failing)

    @property
    def size(self) -> tuple[int, bool, int, str]:
        """Ascending: faults in the project first, with code that ran in a check before what is only imported; then by
        failures, most first.
        """
        failing = self.fault.failing
        return (self.role, not self.fault.touched, -len(failing), failing[0].nodeid)

    @property
    def clearness(self) -> tuple[int, bool, float, str]:
        """Like the size, but each failure counts by the score of the likeliest place."""
        role, untouched, failures, nodeid = self.size
        return (role, untouched, failures * (self.groups[0][0].score if self.groups else 0.0), nodeid)


def explanations(failing: Sequence[CheckEvidence], scene: Scene, kinds: Sequence[EvidenceKind]) -> list[Explanation]:
    """One for each fault; families with a likeliest function in common have the same.

    The largest comes first, then those whose likeliest place explains most: small ones may be split off by chance.
    """
    found: list[Explanation] = []
    for family in families(failing, scene):
        explanation = _explanation(family, scene, kinds)
        while (alike := next((each for each in found if _are_one(each, explanation)), None)) is not None:
            found.remove(alike)
            explanation = _explanation((*alike.fault.failing, *explanation.fault.failing), scene, kinds)
        found.append(explanation)
    largest = sorted(found, key=lambda each: each.size)
    return [*largest[:1], *sorted(largest[1:], key=lambda each: each.clearness)]


def by_turns(
    found: Sequence[Explanation], ranked: Callable[[Explanation], Sequence[Each]]
) -> Iterator[tuple[Explanation, Each]]:
    """The likeliest of each family, then the second of each."""
    for together in zip_longest(*([(each, group) for group in ranked(each)] for each in found)):
        yield from (each for each in together if each is not None)


def _are_one(one: Explanation, other: Explanation) -> bool:
    return one.role == other.role == PROJECT and not one.likeliest.isdisjoint(other.likeliest)


def _explanation(failing: Sequence[CheckEvidence], scene: Scene, kinds: Sequence[EvidenceKind]) -> Explanation:
    """Tests and their helpers are under suspicion only if nothing of the project is."""
    for role in (PROJECT, HELPER, TEST):
        fault = scene.fault(failing, role)
        groups = suspects(fault, kinds)
        if groups:
            break
    return Explanation(fault, groups)
