"""The ranking of a run → its entries in the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from pytest_parallel_agents.causes import Basis, Cause, CauseLine, Ranking
from pytest_parallel_agents.convergence.evidence import RunEvidence
from pytest_parallel_agents.reports import entries_of_causes
from pytest_parallel_agents.reports.source_lines import lines_around

MOST_CAUSES: Final = 100
MOST_MEMBERS: Final = 100
MOST_LINES: Final = 20
"""Statements of all causes of failures together."""

MOST_EXCERPTS: Final = 20

_LONGEST: Final = 200


class Located(msgspec.Struct, frozen=True, kw_only=True):
    """Where to look first, and the evidence. `sources`: the text of the files that it names, as far as readable."""

    ranking: Ranking = msgspec.field(default_factory=Ranking)
    evidence: RunEvidence | None = None
    sources: Mapping[str, str] = msgspec.field(default_factory=dict)


def cause_entries(located: Located) -> Iterator[entries_of_causes.CauseEntry]:
    """The first causes; of their statements those that are shown, with their text."""
    causes = located.ranking.causes[:MOST_CAUSES]
    shown = _shown(causes)
    texts = {path: located.sources.get(path, "").splitlines() for path in {cause.path for cause in causes}}
    for number, cause in enumerate(causes):
        lines = [_line(line, texts[cause.path]) for line in cause.lines if (number, line.line) in shown]
        yield entries_of_causes.CauseEntry(
            path=cause.path,
            function=cause.function,
            line=cause.line,
            end_line=cause.end_line,
            lines=tuple(lines),
            score=cause.score,
            rank_group=cause.rank_group,
            kinds=cause.kinds,
            members=cause.members[:MOST_MEMBERS],
            evidence=msgspec.convert(cause.evidence, tuple[entries_of_causes.ClueEntry, ...], from_attributes=True),
            addends=msgspec.convert(cause.addends, tuple[entries_of_causes.AddendEntry, ...], from_attributes=True),
            agreeing=cause.agreeing,
            confidence=cause.confidence,
            failures=cause.failures[:MOST_MEMBERS],
            failure_count=len(cause.failures),
            cluster=cause.cluster,
            basis=cause.basis,
            excerpt=_excerpt(cause, texts[cause.path]) if number < MOST_EXCERPTS else (),
        )


def unexplained_entries(ranking: Ranking) -> tuple[entries_of_causes.UnexplainedEntry, ...]:
    return msgspec.convert(ranking.unexplained, tuple[entries_of_causes.UnexplainedEntry, ...], from_attributes=True)


def _shown(causes: Sequence[Cause]) -> frozenset[tuple[int, int]]:
    """The number of the cause and the line of each statement that is shown: all that tools name, and the likeliest."""
    of_failures = sorted(
        (line.rank_group, number, line.line)
        for number, cause in enumerate(causes)
        for line in cause.lines
        if cause.basis is Basis.FAILURES
    )
    of_findings = frozenset(
        (number, line.line)
        for number, cause in enumerate(causes)
        for line in cause.lines
        if cause.basis is Basis.FINDINGS
    )
    return of_findings | {(number, line) for _, number, line in of_failures[:MOST_LINES]}


def _excerpt(cause: Cause, text: Sequence[str]) -> tuple[entries_of_causes.SourceLineEntry, ...]:
    likeliest = min((-each.score, each.line) for each in cause.lines)[1] if cause.lines else cause.line
    shown = lines_around(likeliest, cause.line, min(max(cause.line, cause.end_line), len(text)))
    return tuple(
        entries_of_causes.SourceLineEntry(line=number, text=text[number - 1].rstrip()[:_LONGEST])
        for number in shown
        if 0 < number <= len(text)
    )


def _line(line: CauseLine, text: Sequence[str]) -> entries_of_causes.CauseLineEntry:
    first = text[line.line - 1].strip() if 0 < line.line <= len(text) else ""
    return entries_of_causes.CauseLineEntry(
        line=line.line,
        end_line=line.end_line,
        score=line.score,
        rank_group=line.rank_group,
        text=first[:_LONGEST],
    )
