"""The lines that the diff touches which a command is sent: what it finds elsewhere is a note."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec.structs import replace

from pytest_parallel_agents.early_bound import os
from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.project_paths import source
from pytest_parallel_agents.tool_formats.locating import MOST_LINE
from pytest_parallel_agents.tools.changes import unquoted
from pytest_parallel_agents.tools.diffs import Lines, compared, read_hunks
from pytest_parallel_agents.tools.git import DIFF

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_parallel_agents.tools.stdin import Stdin

DEMOTED: Final = "notes only: "
"""Beginning of the note that counts the findings which were graver before."""

_WHOLE: Final = (1, MOST_LINE)
"""The lines of a file of which git compares none."""

_NO_FILE: Final = "/dev/null"


class TouchedLines(msgspec.Struct, frozen=True):
    """The lines that a diff since `base` touches in each file that it changes: added ones, and those beside removed
    ones; all of a binary file. Paths are relative to `root`.
    """

    base: str
    root: Path
    lines: Mapping[str, Sequence[Lines]]

    def demoted(self, evidence: Evidence) -> Evidence:
        """The evidence in which findings elsewhere are notes. One without a path may be about the whole change."""
        elsewhere = {number for number, finding in enumerate(evidence.findings) if not self._may_touch(finding)}
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

    def _may_touch(self, finding: Finding) -> bool:
        """Whether it may be about the change. A file or a line that does not exist is no other one: a model that has
        seen nothing but the diff has misspelt or miscounted it.
        """
        path = finding.path
        if path is None or not os.path.isfile(os.path.join(self.root, path)):
            return True
        if finding.line is None or path not in self.lines:
            return path in self.lines
        first, last = finding.line, max(finding.line, finding.end_line or 0)
        touches = any(start <= last and first <= stop for start, stop in self.lines[path])
        return touches or first > _length(path, self.root)


def touched_lines(stdin: Stdin, root: Path) -> TouchedLines | None:
    """What the diff of a standard input touches; None for one without. Raises BrokenTool when git cannot tell."""
    revision = stdin.revision(root)
    if revision is None:
        return None
    words = ("--relative", revision.ancestor(root), "--", *stdin.paths)
    files = compared(revision.run_git((*DIFF, "--numstat", "-z", "--no-renames", *words), root))
    found: dict[str, list[Lines]] = {name: [] if has_lines else [_WHOLE] for name, has_lines in files.items()}
    diff = revision.run_git((*DIFF, "--unified=0", "--inter-hunk-context=0", *words), root)
    for hunk in read_hunks(diff.decode(errors="surrogateescape")):
        lines = hunk.new or hunk.beside
        if lines is not None and hunk.after != _NO_FILE:
            found.setdefault(unquoted(hunk.after), []).append(lines)
    return TouchedLines(revision.name, root, found)


def _length(path: str, root: Path) -> int:
    return source(path, root).removesuffix("\n").count("\n") + 1


def is_all_demoted(before: Evidence, after: Evidence) -> bool:
    """Whether there were findings that are graver than notes, and are no more."""
    graver = [any(finding.level is not Level.NOTE for finding in evidence.findings) for evidence in (before, after)]
    return graver == [True, False]
