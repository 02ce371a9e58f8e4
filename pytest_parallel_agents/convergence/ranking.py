"""Where to look first: the likeliest functions and statements of each fault that the failures of a run tell of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Final, TypeVar

import msgspec
from msgspec.structs import replace

from pytest_parallel_agents.convergence.clues import LocatedClue, locate
from pytest_parallel_agents.convergence.clusters import Cluster, clusters
from pytest_parallel_agents.convergence.code import HELPER, PROJECT, TEST, Code
from pytest_parallel_agents.convergence.complaints import (
    Complaint,
    complaints,
    one_of_each_kind_first,
    strongest_of_each_kind_first,
)
from pytest_parallel_agents.convergence.evidence import CheckEvidence, RunEvidence
from pytest_parallel_agents.convergence.fault import Fault
from pytest_parallel_agents.convergence.functions import FunctionRange
from pytest_parallel_agents.convergence.kinds import KINDS
from pytest_parallel_agents.convergence.kinds.kind import EvidenceKind
from pytest_parallel_agents.convergence.scoring import Suspect, suspects
from pytest_parallel_agents.model import Basis, Cause, CauseLine, Clue, Ranking, Unexplained

MOST_EVIDENCE: Final = 20
"""Clues kept per cause; the strongest of each kind of checks always is."""

MOST_TESTS: Final = 2
"""Places in tests that are causes: they show that something is wrong, which is seldom the test."""

DECISIVE: Final = 1.0
"""The weight of a kind of evidence that says more of a failure than what tools find at the same place."""

Each = TypeVar("Each")


class _Explained(msgspec.Struct, frozen=True):
    """A fault with the functions under suspicion, in groups of equal score."""

    fault: Fault
    groups: list[tuple[Suspect, ...]]

    @property
    def likeliest(self) -> frozenset[FunctionRange]:
        return frozenset(suspect.function for suspect in self.groups[0]) if self.groups else frozenset()

    @property
    def order(self) -> tuple[int, int, str]:
        """Faults in the project first, then those with most failures."""
        return (self.fault.role, -len(self.fault.failing), self.fault.failing[0].nodeid)


def rank(run: RunEvidence, kinds: Sequence[EvidenceKind] = KINDS) -> tuple[Cause, ...]:
    """The causes that the evidence of a run points at, likeliest first.

    Failures are clustered by the fault that they may have in common, and each cluster is ranked on its own; the first
    causes are the first ones of all clusters. Then come places where tools find fault and nothing failed.
    """
    return explain(run, kinds).causes


def explain(run: RunEvidence, kinds: Sequence[EvidenceKind] = KINDS) -> Ranking:
    """The causes, and the failures that none of them explains."""
    code = Code(run.outlines, run.test_paths, run.test_roots)
    failing = [check for check in run.checks if _is_failure(check)]
    faults = _explained_apart(clusters(failing, run, code), run, code, kinds)
    clues = list(locate(run, code))
    causes = list(_of_failures(faults, clues, {check.nodeid: check.kind for check in run.checks}))
    causes += _of_findings(clues, causes)
    return Ranking(causes=tuple(causes), unexplained=tuple(_unexplained(faults, run)))


def _is_failure(check: CheckEvidence) -> bool:
    """Whether it ended badly for another reason than what it found."""
    tells_more = check.frames or check.spectrum or check.samples or any(each.hot_spots for each in check.measurements)
    return check.outcome.bad and not check.judges and bool(tells_more or not check.findings)


def _explained_apart(
    apart: Sequence[Cluster], run: RunEvidence, code: Code, kinds: Sequence[EvidenceKind]
) -> list[_Explained]:
    """The faults of the clusters; those with a likeliest function in common are one."""
    faults: list[_Explained] = []
    for cluster in apart:
        explained = _explained(cluster, run, code, kinds)
        while (alike := next((each for each in faults if _are_one(each, explained)), None)) is not None:
            faults.remove(alike)
            explained = _explained((*alike.fault.failing, *explained.fault.failing), run, code, kinds)
        faults.append(explained)
    return sorted(faults, key=lambda each: each.order)


def _are_one(one: _Explained, other: _Explained) -> bool:
    return one.fault.role == other.fault.role == PROJECT and not one.likeliest.isdisjoint(other.likeliest)


def _explained(
    failing: Sequence[CheckEvidence], run: RunEvidence, code: Code, kinds: Sequence[EvidenceKind]
) -> _Explained:
    """Tests and their helpers are under suspicion only if nothing of the project is."""
    passing = [check for check in run.checks if check.outcome.good and check.spectrum is not None]
    for role in (PROJECT, HELPER, TEST):
        fault = Fault(failing, passing, run, code, role)
        groups = suspects(fault, kinds)
        if groups:
            break
    return _Explained(fault, groups)


def _of_failures(
    faults: Sequence[_Explained], clues: Sequence[LocatedClue], kinds: Mapping[str, str]
) -> Iterator[Cause]:
    by_function: dict[FunctionRange, list[Clue]] = {}
    for each in clues:
        by_function.setdefault(each.function, []).append(each.clue)
    ranks = _line_ranks(faults)
    seen: set[FunctionRange] = set()
    tests = number = 0
    for cluster, fault, group in _interleaved([each.groups for each in faults], faults):
        new = [suspect for suspect in group if suspect.function not in seen]
        if fault.role == TEST:
            new = new[: max(0, MOST_TESTS - tests)]
            tests += len(new)
        number += bool(new)
        members = tuple(_name(suspect.function) for suspect in new)
        for suspect in new:
            seen.add(suspect.function)
            lines = tuple(replace(line, rank_group=ranks[suspect.function.path, line.line]) for line in suspect.lines)
            found = (
                *_clues(suspect, kinds, minor=False),
                *strongest_of_each_kind_first(by_function.get(suspect.function, ())),
                *_clues(suspect, kinds, minor=True),
            )
            yield _cause(suspect, fault, found, lines, cluster=cluster, rank_group=number, members=members)


def _interleaved(lists: Sequence[Sequence[Each]], faults: Sequence[_Explained]) -> Iterator[tuple[int, Fault, Each]]:
    """The first of each list, then the second of each, with the number of the list and its fault."""
    for together in zip_longest(*lists):
        for cluster, (explained, each) in enumerate(zip(faults, together, strict=True), start=1):
            if each is not None:
                yield cluster, explained.fault, each


def _line_ranks(faults: Sequence[_Explained]) -> Mapping[tuple[str, int], int]:
    """The place of each statement among those of all causes, by path and line."""
    lists = []
    for explained in faults:
        scores: dict[float, list[tuple[str, int]]] = {}
        for suspect in (suspect for group in explained.groups for suspect in group):
            for line in suspect.lines:
                scores.setdefault(line.score, []).append((suspect.function.path, line.line))
        lists.append([scores[score] for score in sorted(scores, reverse=True)])
    ranks: dict[tuple[str, int], int] = {}
    number = 0
    for _, _, group in _interleaved(lists, faults):
        new = [place for place in group if place not in ranks]
        number += bool(new)
        ranks.update(dict.fromkeys(new, number))
    return ranks


def _clues(suspect: Suspect, kinds: Mapping[str, str], *, minor: bool) -> list[Clue]:
    """The opinions that have words, the strongest first: of kinds that could decide alone, or the `minor` ones."""
    clues = [
        Clue(
            kind=kinds.get(opinion.check, ""),
            check=opinion.check,
            weight=min(1.0, addend.weight * addend.points),
            what=opinion.what,
            line=opinion.line,
            source=addend.kind,
        )
        for addend, opinion in zip(suspect.addends, suspect.opinions, strict=True)
        if opinion.what and minor == (addend.weight < DECISIVE)
    ]
    return sorted(clues, key=lambda clue: -clue.weight)


def _cause(
    suspect: Suspect,
    fault: Fault,
    clues: Sequence[Clue],
    lines: tuple[CauseLine, ...],
    *,
    cluster: int,
    rank_group: int,
    members: tuple[str, ...],
) -> Cause:
    function = suspect.function
    return Cause(
        path=function.path,
        function=function.function,
        line=function.line,
        end_line=function.end_line,
        lines=lines,
        score=suspect.score,
        rank_group=rank_group,
        kinds=tuple(sorted({clue.kind for clue in clues})),
        members=members,
        evidence=one_of_each_kind_first(clues)[:MOST_EVIDENCE],
        addends=suspect.addends,
        agreeing=suspect.agreeing,
        failures=tuple(check.nodeid for check in fault.failing),
        cluster=cluster,
    )


def _of_findings(clues: Sequence[LocatedClue], causes: Sequence[Cause]) -> Iterator[Cause]:
    """Where tools find fault, beside the causes of failures."""
    told = {(cause.path, cause.function, cause.line) for cause in causes}
    number = max([cause.rank_group for cause in causes], default=0)
    for group in complaints(clues):
        new = [each for each in group if (each.function.path, each.function.function, each.function.line) not in told]
        number += bool(new)
        members = tuple(_name(each.function) for each in new)
        yield from (_found(each, number, members) for each in new)


def _found(complaint: Complaint, rank_group: int, members: tuple[str, ...]) -> Cause:
    function = complaint.function
    scores: dict[int, float] = {}
    for clue in complaint.clues:
        if clue.line is not None:
            scores[clue.line] = max(clue.weight, scores.get(clue.line, 0.0))
    return Cause(
        path=function.path,
        function=function.function,
        line=function.line,
        end_line=function.end_line,
        lines=tuple(
            CauseLine(line=line, end_line=line, score=score, rank_group=rank_group)
            for line, score in sorted(scores.items(), key=lambda each: (-each[1], each[0]))
        ),
        score=complaint.score,
        rank_group=rank_group,
        kinds=tuple(sorted({clue.kind for clue in complaint.clues})),
        members=members,
        evidence=complaint.clues[:MOST_EVIDENCE],
        basis=Basis.FINDINGS,
    )


def _name(function: FunctionRange) -> str:
    return f"{function.path}::{function.function}" if function.function else function.path


def _is_broken(fault: Fault) -> bool:
    """Whether these are files that could not be collected: they are where to look."""
    return all("::" not in check.nodeid for check in fault.failing)


def _unexplained(faults: Sequence[_Explained], run: RunEvidence) -> Iterator[Unexplained]:
    """Failures for which nothing in the project's code is under suspicion."""
    for explained in faults:
        fault = explained.fault
        if explained.groups and (fault.role == PROJECT or fault.measured or _is_broken(fault)):
            continue
        why = "no code of the project ran in it" if fault.measured else "no code of the project is on its stack"
        if not fault.measured and run.missing:
            why += f", and what it executed is not known: {run.missing}"
        yield Unexplained(checks=tuple(check.nodeid for check in fault.failing), why=why)
