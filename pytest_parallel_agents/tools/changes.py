"""Changes since a revision of git: the files that a tool is to judge, and the findings that count."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec.structs import replace

from pytest_parallel_agents.early_bound import os
from pytest_parallel_agents.model.results import Evidence, Finding
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.tools.diffs import Lines, compared, read_hunks
from pytest_parallel_agents.tools.file_types import is_of
from pytest_parallel_agents.tools.git import DIFF, Revision

if TYPE_CHECKING:
    from pathlib import Path

LEFT_OUT: Final = "left out: "
"""Beginning of the note that counts the findings which were left out."""

_ESCAPED: Final = re.compile(rb'"(.*)"', re.DOTALL)


class OnlyChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The setting that only changes since `base` are judged, or everything if that is empty. `where` names the table.

    They are those since the last common ancestor of `base` and HEAD: committed, staged or neither, and the files that
    git does not know yet. With `by_line` only findings on changed lines count, else all in changed files. `types`
    are those of the files that matter; None for what the tool judges.
    """

    where: str = ""
    base: str = ""
    by_line: bool = False
    types: tuple[str, ...] | None = None

    def read(self, root: Path) -> Changes | None:
        """The changes; None when everything is to be judged. Raises BrokenTool when git cannot list them."""
        if not self.base:
            return None
        revision = Revision(self.base, f"{self.where}.only-changed")
        repository = _Repository(revision, root)
        known = repository.changed()
        unknown = repository.unknown()
        lines = {**repository.lines(), **dict.fromkeys([*repository.whole(), *unknown])} if self.by_line else None
        return Changes(base=self.base, files=tuple(sorted({*known, *unknown})), lines=lines)


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """Changed `files` that still exist, and folders that are repositories of their own, relative to the root.

    `lines` are the changed ones of each file, None where all of them are new or git compares none; it is itself None
    when lines do not matter.
    """

    base: str
    files: tuple[str, ...]
    lines: Mapping[str, Sequence[Lines] | None] | None = None

    def among(self, paths: Sequence[str], types: Sequence[str], root: Path) -> tuple[str, ...]:
        """The changed files in the paths, or below the root if there are none, that are of the types."""
        places = [_absolute(place(path, root), root) for path in paths or (".",)]
        below = [file for file in self.files if any(_is_in(_absolute(file, root), path) for path in places)]
        return tuple(file for file in below if os.path.isdir(os.path.join(root, file)) or is_of(file, types, root))

    def only(self, evidence: Evidence) -> Evidence:
        """The evidence without findings elsewhere, whose number becomes a note. A finding without a path counts in any
        case.
        """
        kept = tuple(finding for finding in evidence.findings if self._counts(finding))
        left_out = len(evidence.findings) - len(kept)
        if not left_out:
            return evidence
        elsewhere = "in files" if self.lines is None else "on lines"
        counted = f"{left_out:,} finding{'' if left_out == 1 else 's'}"
        note = f"{LEFT_OUT}{counted} {elsewhere} that have not changed since {self.base}"
        return replace(evidence, findings=kept, notes=(*evidence.notes, note))

    def _counts(self, finding: Finding) -> bool:
        if finding.path is None:
            return True
        changed = next((file for file in self.files if _is_in(finding.path, file)), None)
        if changed is None or self.lines is None or finding.line is None:
            return changed is not None
        first, last = finding.line, max(finding.line, finding.end_line or 0)
        lines = self.lines.get(changed, ())
        return lines is None or any(start <= last and first <= end for start, end in lines)


class _Repository:
    """The repository of a root, which may be a folder in it."""

    def __init__(self, revision: Revision, root: Path) -> None:
        self._ancestor = revision.ancestor(root)
        self._revision = revision
        self._root = root
        up = os.fsdecode(revision.run_git(("rev-parse", "--show-cdup"), root)).rstrip("\n")
        self._top = os.path.normpath(os.path.join(os.path.realpath(root), up))

    def changed(self) -> list[str]:
        names = self._run_git(*DIFF, "--no-renames", "--name-only", "-z", "--diff-filter=d", self._ancestor)
        return list(self._existing(names.split(b"\0")))

    def unknown(self) -> list[str]:
        """Files that git neither knows nor is to ignore."""
        names = self._run_git("ls-files", "--others", "--exclude-standard", "-z")
        return list(self._existing(names.split(b"\0")))

    def lines(self) -> dict[str, list[Lines]]:
        """The lines that are new in each file that git knows. One that was renamed only has those that differ."""
        diff = self._run_git(
            *DIFF, "--find-renames", "--unified=0", "--inter-hunk-context=0", "--diff-filter=d", self._ancestor
        )
        found: dict[str, list[Lines]] = {}
        for hunk in read_hunks(diff.decode(errors="surrogateescape")):
            if hunk.new:
                found.setdefault(self._place(unquoted(hunk.after)), []).append(hunk.new)
        return found

    def whole(self) -> list[str]:
        """Changed files whose lines git does not compare, and repositories of which only the commit is known here."""
        listed = self._run_git(*DIFF, "--no-renames", "--numstat", "-z", "--diff-filter=d", self._ancestor)
        return [
            self._place(name)
            for name, has_lines in compared(listed).items()
            if not has_lines or os.path.isdir(os.path.join(self._top, name))
        ]

    def _run_git(self, *words: str) -> bytes:
        return self._revision.run_git(words, self._top)

    def _existing(self, names: Sequence[bytes]) -> Iterator[str]:
        """The paths that still exist. A folder is the repository of a submodule, or one that is not known yet."""
        for name in filter(None, names):
            path = os.path.join(self._top, os.fsdecode(name))
            if os.path.isfile(path) or (os.path.isdir(path) and not os.path.islink(path)):
                yield self._place(os.fsdecode(name))

    def _place(self, name: str) -> str:
        return place(os.path.join(self._top, name), self._root)


def unquoted(name: str) -> str:
    """The path in a line `+++` or `---`: a tab follows one with spaces, and one with control characters is quoted."""
    raw = name.removesuffix("\t").encode(errors="surrogateescape")
    quoted = _ESCAPED.fullmatch(raw)
    if quoted:
        raw = quoted[1].decode("unicode_escape").encode("latin-1")
    return os.fsdecode(raw)[2:]


def _absolute(path: str, root: Path) -> str:
    return os.path.normpath(os.path.join(root, path)).replace(os.sep, "/")


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")
