"""What findings of all checks say about each place in the code, and what profiles of those that passed add."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from pytest_parallel_agents.causes import Clue
from pytest_parallel_agents.convergence.code import PROJECT, Code
from pytest_parallel_agents.convergence.duplicates import Found, Sighting, merged
from pytest_parallel_agents.convergence.evidence import CheckEvidence, RunEvidence
from pytest_parallel_agents.convergence.functions import MODULE, FunctionRange
from pytest_parallel_agents.convergence.phrases import headline
from pytest_parallel_agents.model.results import Finding, Level

_UNUSED = re.compile(r"\bunused\b|\bnever used\b|\bnot (used|accessed)\b", re.IGNORECASE)
"""Words of a finding about code that does nothing. Such code breaks nothing either, whatever its tool calls it."""

FINDING_WEIGHTS = {Level.ERROR: 1.0, Level.WARNING: 0.5, Level.NOTE: 0.2}
NOTABLE_SHARE = 0.1


class LocatedClue(msgspec.Struct, frozen=True):
    """A clue and the function it points at. A `complaint` can make a cause; other clues only corroborate one.

    `idle`: it cannot be why anything fails.
    """

    function: FunctionRange
    clue: Clue
    complaint: bool = True
    idle: bool = False


def locate(run: RunEvidence, code: Code) -> Iterator[LocatedClue]:
    """Findings of all checks, and hot spots of those that passed. What a baseline knows is no complaint."""
    yield from _finding_clues(run, code)
    for check in run.checks:
        if not check.outcome.bad:
            yield from _hot_spot_clues(check, code)


def findings_phrase(sightings: Sequence[Sighting[Found]]) -> str:
    """One line for people about what several checks have found together, or one alone."""
    rules: dict[str, dict[str, None]] = defaultdict(dict)
    for sighting in sightings:
        rules[headline(sighting.finding.message)].update(dict.fromkeys(filter(None, [sighting.finding.rule])))
    phrases = (f"{headline} [{', '.join(named)}]" if named else headline for headline, named in rules.items())
    return f"{' + '.join(dict.fromkeys(sighting.name for sighting in sightings))}: {'; '.join(phrases)}"


def _finding_clues(run: RunEvidence, code: Code) -> Iterator[LocatedClue]:
    """One clue for what several checks of a kind have found together; what is known apart from what is new."""
    sightings: dict[tuple[str, bool], list[Sighting[Finding]]] = defaultdict(list)
    for check in run.checks:
        for finding in check.findings:
            sighting = Sighting(check.nodeid, check.name, finding)
            sightings[check.kind, finding.fingerprint in run.known].append(sighting)
    for (kind, is_known), of_kind in sightings.items():
        for together in merged(of_kind):
            first = together[0].finding
            if first.path is None:
                continue
            idle = all(_is_unused(sighting.finding) for sighting in together)
            level = Level.NOTE if idle else first.level
            clue = Clue(
                kind=kind,
                check=together[0].check,
                weight=FINDING_WEIGHTS[level],
                what=findings_phrase(together),
                level=level,
                line=first.line,
                source="findings",
            )
            yield LocatedClue(code.function(first.path, first.line), clue, complaint=not is_known, idle=idle)


def _is_unused(finding: Finding) -> bool:
    return _UNUSED.search(f"{finding.rule.replace('_', '-')} {finding.message}") is not None


def _hot_spot_clues(check: CheckEvidence, code: Code) -> Iterator[LocatedClue]:
    for function, share in shares(check, code).items():
        if share >= NOTABLE_SHARE and code.role(function.path) == PROJECT:
            what = f"{share:.0%} of self time in {check.name}"
            clue = Clue(
                kind=check.kind, check=check.nodeid, weight=share, what=what, level=Level.NOTE, source="profile"
            )
            yield LocatedClue(function, clue, complaint=False)


def shares(check: CheckEvidence, code: Code) -> dict[FunctionRange, float]:
    """The share of each function in the self time of all that a check measured; lambdas count for their function."""
    spots = [spot for measured in check.measurements for spot in measured.hot_spots]
    total = sum(spot.self_seconds for spot in spots)
    found: dict[FunctionRange, float] = defaultdict(float)
    for spot in spots if total > 0 else ():
        # To the interpreter a module starts in its first line, where a function may be, too.
        line = None if spot.function == MODULE else spot.line
        found[code.function(spot.path, line)] += spot.self_seconds / total
    return found
