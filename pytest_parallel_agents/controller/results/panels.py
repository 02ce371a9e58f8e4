"""Panels: groups whose members look at the same thing, and fail the run when enough of them agree on a finding.

A member that has answered votes for what it found. One that is broken, late or skipped has no vote.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from msgspec.structs import replace

from pytest_parallel_agents.agents.judging import OUTVOTED, grave_findings
from pytest_parallel_agents.controller.results.store import ResultStore
from pytest_parallel_agents.convergence.agreement import Ballot, agreements
from pytest_parallel_agents.convergence.functions import Entities
from pytest_parallel_agents.model.plan import Group
from pytest_parallel_agents.model.results import Agreement, Evidence, Finding, GroupResult, Outcome
from pytest_parallel_agents.project_paths import source
from pytest_parallel_agents.reports.phrases import counted
from pytest_parallel_agents.scheduling.quorum import Ruling, rule


class Panels:
    """The panels among `groups`. Results are read from the `store`, where each must be before it is counted.

    Findings whose fingerprints are `known` fail no check. Functions are looked up in the files below `root`.
    """

    def __init__(self, groups: Iterable[Group], store: ResultStore, root: Path, known: Collection[str]) -> None:
        panels = [_Panel(group, group.agree, store, root, known) for group in groups if group.agree is not None]
        self._panels = {member: panel for panel in panels for member in panel.group.members}

    def concerns(self, check: int) -> bool:
        """Whether the check is a member of a panel."""
        return check in self._panels

    def count(self, check: int) -> tuple[int, ...]:
        """A member has ended. Returns those that need not run or go on."""
        panel = self._panels.get(check)
        return () if panel is None else panel.count(check)

    def excuses(self, check: int) -> bool | None:
        """Whether the bad end of a member counts for nothing; None while that is open."""
        return self._panels[check].excuses(check)

    def outvotes(self, check: int) -> bool:
        """Whether an excused member has failed for nothing but its findings."""
        return self._panels[check].outvotes(check)

    def reason(self, check: int) -> str:
        """How the panel of a check was decided, in words."""
        return self._panels[check].reason

    def result(self, group: Group) -> GroupResult:
        """The result of a panel."""
        return self._panels[group.members[0]].result()

    def weighed(self) -> Iterator[tuple[int, Evidence]]:
        """The evidence of members as it is after the vote: a finding has the level that its panel gives it."""
        for panel in dict.fromkeys(self._panels.values()):
            yield from panel.weighed()


class _Panel:
    def __init__(self, group: Group, agree: int, store: ResultStore, root: Path, known: Collection[str]) -> None:
        self.group = group
        self.reason = ""
        self._agree = agree
        self._store = store
        self._functions = _Functions(root)
        self._known = known
        self._left = dict.fromkeys(group.members)
        self._ballots: dict[int, Ballot] = {}
        self._agreements: tuple[Agreement, ...] = ()
        self._ruling: Ruling | None = None
        self._decided_by: int | None = None

    def count(self, check: int) -> tuple[int, ...]:
        self._left.pop(check, None)
        if (ballot := self._ballot(check)) is not None:
            self._ballots[check] = ballot
            self._agreements = agreements(self._ballots.values(), self._agree, self._functions.at)
        if self._ruling is not None:
            return ()
        agreeing = self._agreeing()
        self._ruling = rule(self._agree, agreeing=agreeing, answers=len(self._ballots), left=len(self._left))
        if self._ruling is None:
            return ()
        self._decided_by = check
        self.reason = self._why(agreeing)
        return tuple(self._left) if self._ruling is not Ruling.TIE or self._is_broken() else ()

    def excuses(self, check: int) -> bool | None:
        if self._ruling is None:
            return None
        counts = any(each.counts and check in each.voters for each in self._agreements)
        return self._ruling is not Ruling.TIE and not counts

    def outvotes(self, check: int) -> bool:
        ballot = self._ballots.get(check)
        return ballot is not None and bool(ballot.grave) and not self._store.result(check).evidence.exception

    def result(self) -> GroupResult:
        if self._decided_by is None or not self._is_decided:
            undecided = tuple(map(_undecided, self._agreements))
            return GroupResult(group=self.group, passed=None, answers=len(self._ballots), agreements=undecided)
        return GroupResult(
            group=self.group,
            passed=self._ruling is Ruling.PASSED,
            decided_by=self._store.check(self._decided_by).nodeid,
            answers=len(self._ballots),
            agreements=self._agreements,
        )

    def weighed(self) -> Iterator[tuple[int, Evidence]]:
        agreed = {id(sighting): each for each in self._agreements for _, sighting in each.sightings}
        for voter, ballot in self._ballots.items():
            if ballot.findings:
                yield voter, self._weighed(self._store.result(voter).evidence, agreed)

    def _weighed(self, evidence: Evidence, agreed: Mapping[int, Agreement]) -> Evidence:
        findings = [self._as_agreed(finding, agreed.get(id(finding))) for finding in evidence.findings]
        outvoted = sum(one.level is not other.level for one, other in zip(findings, evidence.findings, strict=True))
        note = f"{OUTVOTED}{counted(outvoted, 'finding')}, on which fewer than {self._agree} of the panel agree"
        return replace(evidence, findings=tuple(findings), notes=(*evidence.notes, *([note] if outvoted else [])))

    def _as_agreed(self, finding: Finding, agreement: Agreement | None) -> Finding:
        """Unless the panel has decided, each member counts for itself."""
        if agreement is None:  # a late report has replaced what was counted
            return finding
        levels = [finding.level, *([agreement.finding.level] if self._is_decided else [])]
        return replace(finding, votes=len(agreement.voters), level=min(levels, key=lambda level: level.severity))

    @property
    def _is_decided(self) -> bool:
        return self._ruling in {Ruling.FAILED, Ruling.PASSED}

    def _ballot(self, check: int) -> Ballot | None:
        """The vote of a check; None when it has not answered. One that failed for no finding has no opinion."""
        result = self._store.result(check)
        grave = grave_findings(result.evidence, self._known) if result.outcome is Outcome.FAILED else []
        if result.outcome is Outcome.PASSED or grave:
            return Ballot(check, result.evidence.findings, grave)
        return None

    def _agreeing(self) -> int:
        grave = {id(finding) for ballot in self._ballots.values() for finding in ballot.grave}
        voters = ({voter for voter, found in each.sightings if id(found) in grave} for each in self._agreements)
        return max(map(len, voters), default=0)

    def _is_broken(self) -> bool:
        """Whether members have ended without an answer that were to give one."""
        ended = (member for member in self.group.members if member not in self._left and member not in self._ballots)
        return any(self._store.outcome(member).bad for member in ended)

    def _why(self, agreeing: int) -> str:
        name = f"the panel {self.group.name!r} ({self.group.wait} of {len(self.group.members)})"
        match self._ruling:
            case Ruling.FAILED:
                return f"{name} has decided: {agreeing} agree on a finding"
            case Ruling.PASSED:
                return f"{name} has decided: {len(self._ballots)} have answered, and no {self._agree} can agree"
            case _:
                return f"{name} cannot decide: {len(self._ballots)} have answered, {self._agree} must"


def _undecided(agreement: Agreement) -> Agreement:
    """At the level of the gravest of its findings, since each counts for itself."""
    levels = (finding.level for _, finding in agreement.sightings)
    gravest = max(levels, key=lambda level: level.severity)
    return replace(agreement, finding=replace(agreement.finding, level=gravest))


class _Functions:
    """Which function a line of the project is in. Each file is read once, when it is first asked for."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._sources: dict[str, str] = {}
        self._entities = Entities(self._sources)

    def at(self, path: str, line: int) -> str:
        if path not in self._sources:
            self._sources[path] = source(path, self._root)
        return self._entities.at(path, line).function
