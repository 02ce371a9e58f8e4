"""The lines that the diff touches which a command is sent: what it finds elsewhere is a note."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec.structs import replace

from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.tools.changes import unquoted
from pytest_parallel_agents.tools.diffs import Hunk, Lines, read_hunks
from pytest_parallel_agents.tools.git import DIFF

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_parallel_agents.tools.stdin import Stdin

DEMOTED: Final = "notes only: "
"""Beginning of the note that counts the findings which were graver before."""

_NO_FILE: Final = "/dev/null"


class TouchedLines(msgspec.Struct, frozen=True):
    """The lines that a diff since `base` touches, by path: added ones, and those beside removed ones. None for a file
    that is gone.
    """

    base: str
    lines: Mapping[str, Sequence[Lines] | None]

    def demoted(self, evidence: Evidence) -> Evidence:
        """The evidence in which findings elsewhere are notes. One without a path may be about the whole change."""
        elsewhere = {number for number, finding in enumerate(evidence.findings) if not self._touches(finding)}
        graver = sum(evidence.findings[number].level is not Level.NOTE for number in elsewhere)
        if not graver:
            return evidence
        findings = tuple(
            replace(finding, level=Level.NOTE) if number in elsewhere else finding
            for number, finding in enumerate(evidence.findings)
        )
        counted = f"{graver:,} finding{'' if graver == 1 else 's'}"
        note = f"{DEMOTED}{counted} on lines that have not changed since {self.base}"
        return replace(evidence, findings=findings, notes=(*evidence.notes, note))

    def _touches(self, finding: Finding) -> bool:
        if finding.path is None:
            return True
        lines = self.lines.get(finding.path, ())
        if lines is None or finding.line is None:
            return finding.path in self.lines
        first, last = finding.line, max(finding.line, finding.end_line or 0)
        return any(start <= last and first <= stop for start, stop in lines)


def touched_lines(stdin: Stdin, root: Path) -> TouchedLines | None:
    """What the diff of a standard input touches; None for one without. Raises BrokenTool when git cannot tell."""
    revision = stdin.revision(root)
    if revision is None:
        return None
    words = (*DIFF, "--relative", "--unified=0", "--inter-hunk-context=0", revision.ancestor(root), "--", *stdin.paths)
    diff = revision.run_git(words, root).decode(errors="surrogateescape")
    found: dict[str, list[Lines] | None] = {}
    for hunk in read_hunks(diff):
        path, lines = _place(hunk)
        known = found.setdefault(path, None if lines is None else [])
        if known is not None and lines is not None:
            known.append(lines)
    return TouchedLines(revision.name, found)


def _place(hunk: Hunk) -> tuple[str, Lines | None]:
    """The path by its name after the change, and the lines there."""
    if hunk.after == _NO_FILE:
        return unquoted(hunk.before), None
    return unquoted(hunk.after), hunk.new or hunk.beside


def is_all_demoted(before: Evidence, after: Evidence) -> bool:
    """Whether there were findings that are graver than notes, and are no more."""
    graver = [any(finding.level is not Level.NOTE for finding in evidence.findings) for evidence in (before, after)]
    return graver == [True, False]
