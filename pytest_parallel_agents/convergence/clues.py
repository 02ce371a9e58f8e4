"""Clues: the checks' evidence for each place in the code."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence

import msgspec

from pytest_parallel_agents.convergence.duplicates import Found, Sighting, merged
from pytest_parallel_agents.convergence.functions import MODULE, Entities, FunctionRange
from pytest_parallel_agents.measurements import HotSpot, Measurement
from pytest_parallel_agents.model import Clue, Finding, Frame, Level, Outcome, Result

_UNUSED = re.compile(r"\bunused\b|\bnever used\b|\bnot (used|accessed)\b", re.IGNORECASE)
"""Words of a finding about code that does nothing. Such code breaks nothing either, whatever its tool calls it."""

FINDING_WEIGHTS = {Level.ERROR: 1.0, Level.WARNING: 0.5, Level.NOTE: 0.2}
FRAME_DECAY = 0.5
MOST_TESTS = 2
"""Places in tests that are causes. More would take the room of the findings that may explain their failures."""

NOTABLE_SHARE = 0.1
_LONGEST_PHRASE = 200
_FAILURE_VERBS = {Outcome.TIMED_OUT: "hung", Outcome.CRASHED: "crashed"}


class LocatedClue(msgspec.Struct, frozen=True):
    """A clue and the entity it points at. A `complaint` can make a cause; other clues only corroborate one.

    `failure`: a check failed there, or below. `idle`: it cannot be why anything fails.
    """

    entity: FunctionRange
    clue: Clue
    complaint: bool = True
    failure: bool = False
    idle: bool = False


def evidence_paths(results: Iterable[Result]) -> frozenset[str]:
    """Every path that findings, frames and hot spots name."""
    return frozenset(path for result in results for path in _paths(result))


def locate(
    results: Iterable[Result], entities: Entities, test_paths: Container[str], known: Container[str] = frozenset()
) -> Iterator[LocatedClue]:
    """Findings of all checks, frames of those that ended badly, hot spots of all measurements.

    Findings whose fingerprints are `known` are no complaints.

    Frames and hot spots inside `test_paths` are skipped: the tests are where a fault shows, not where it is. Of a
    check that has no others see `locate_in_tests`.
    """
    results = tuple(results)
    for result in results:
        if result.outcome.bad:
            yield from _frame_clues(result, entities, test_paths)
        for measurement in result.evidence.measurements:
            yield from _hot_spot_clues(result, measurement, entities, test_paths)
    yield from _finding_clues(results, entities, known)


def locate_in_tests(
    results: Iterable[Result], entities: Entities, located: Iterable[LocatedClue]
) -> Iterator[LocatedClue]:
    """Where checks failed of which nothing else is known: in their own files, at most `MOST_TESTS` places.

    `located`: the clues of all checks.
    """
    explained = {each.clue.check for each in located if each.complaint}
    seen: set[FunctionRange] = set()
    for result in sorted(results, key=lambda each: each.check.index):
        evidence = result.evidence
        if not result.outcome.bad or not evidence.frames or evidence.findings or result.check.nodeid in explained:
            continue
        entity = entities.at(evidence.frames[-1].path, evidence.frames[-1].line)
        if entity in seen or len(seen) < MOST_TESTS:
            seen.add(entity)
            yield LocatedClue(entity, _frame_clue(result, evidence.frames[-1], distance=0), failure=True)


def findings_phrase(sightings: Sequence[Sighting[Found]]) -> str:
    """One line for people about what several checks have found together, or one alone."""
    rules: dict[str, dict[str, None]] = defaultdict(dict)
    for sighting in sightings:
        rules[_headline(sighting.finding.message)].update(dict.fromkeys(filter(None, [sighting.finding.rule])))
    told = (f"{headline} [{', '.join(named)}]" if named else headline for headline, named in rules.items())
    return f"{' + '.join(dict.fromkeys(sighting.name for sighting in sightings))}: {'; '.join(told)}"


def _paths(result: Result) -> Iterator[str]:
    evidence = result.evidence
    yield from (finding.path for finding in evidence.findings if finding.path is not None)
    yield from (frame.path for frame in evidence.frames)
    yield from (spot.path for measurement in evidence.measurements for spot in measurement.hot_spots)


def _finding_clues(results: Sequence[Result], entities: Entities, known: Container[str]) -> Iterator[LocatedClue]:
    """One clue for the findings that several checks of a kind share; known and new ones are kept apart."""
    sightings: dict[tuple[str, bool], list[Sighting[Finding]]] = defaultdict(list)
    for result in results:
        for finding in result.evidence.findings:
            sighting = Sighting(result.check.nodeid, result.check.name, finding)
            sightings[result.check.kind, finding.fingerprint in known].append(sighting)
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
            )
            yield LocatedClue(entities.at(first.path, first.line), clue, complaint=not is_known, idle=idle)


def _is_unused(finding: Finding) -> bool:
    return _UNUSED.search(f"{finding.rule.replace('_', '-')} {finding.message}") is not None


def _frame_clues(result: Result, entities: Entities, test_paths: Container[str]) -> Iterator[LocatedClue]:
    """One clue per function: that of its frame nearest to the failure."""
    suspects = [frame for frame in reversed(result.evidence.frames) if frame.path not in test_paths]
    seen: set[FunctionRange] = set()
    for distance, frame in enumerate(suspects):
        entity = entities.at(frame.path, frame.line)
        if entity in seen:
            continue
        seen.add(entity)
        yield LocatedClue(entity, _frame_clue(result, frame, distance), failure=True)


def _frame_clue(result: Result, frame: Frame, distance: int) -> Clue:
    return Clue(
        kind=result.check.kind,
        check=result.check.nodeid,
        weight=FRAME_DECAY**distance,
        what=_failure_phrase(result, distance),
        line=frame.line,
    )


def _failure_phrase(result: Result, distance: int) -> str:
    place = "here" if distance == 0 else f"{distance} {'call' if distance == 1 else 'calls'} below"
    message = _headline(result.message)
    return f"{result.check.name} {_verb(result)} {place}" + (f": {message}" if message else "")


def _hot_spot_clues(
    result: Result, measurement: Measurement, entities: Entities, test_paths: Container[str]
) -> Iterator[LocatedClue]:
    shares = _shares(measurement, entities, test_paths)
    for entity, share in shares.items():
        if share < NOTABLE_SHARE:
            continue
        clue = Clue(
            kind=result.check.kind,
            check=result.check.nodeid,
            weight=share,
            what=_time_phrase(result, share),
            level=Level.ERROR if result.outcome.bad else Level.NOTE,
        )
        yield LocatedClue(entity, clue, complaint=result.outcome.bad)


def _time_phrase(result: Result, share: float) -> str:
    if not result.outcome.bad:
        return f"{share:.0%} of self time in {result.check.name}"
    message = _headline(result.message)
    told = f": {message}" if message else ""
    return f"{result.check.name} {_verb(result)}{told}; {share:.0%} of its time is spent here"


def _verb(result: Result) -> str:
    return _FAILURE_VERBS.get(result.outcome, "failed")


def _shares(measurement: Measurement, entities: Entities, test_paths: Container[str]) -> dict[FunctionRange, float]:
    """The share of each function in the self time of all hot spots, 0..1; lambdas count for their function."""
    total = sum(spot.self_seconds for spot in measurement.hot_spots)
    shares: dict[FunctionRange, float] = defaultdict(float)
    for spot in measurement.hot_spots:
        if total > 0 and spot.path not in test_paths:
            shares[_entity_of(spot, entities)] += spot.self_seconds / total
    return shares


def _entity_of(spot: HotSpot, entities: Entities) -> FunctionRange:
    # The interpreter says that a module starts in its first line, where a function may stand.
    return entities.at(spot.path, None if spot.function == MODULE else spot.line)


def _headline(text: str) -> str:
    line = next((stripped for line in text.splitlines() if (stripped := line.strip())), "")
    return line if len(line) <= _LONGEST_PHRASE else line[: _LONGEST_PHRASE - 3] + "..."
