"""The part of the JSON report that shows where to look first, and the evidence for it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, field

from pytest_parallel_agents.causes import Basis
from pytest_parallel_agents.convergence.bindings import Binding
from pytest_parallel_agents.convergence.outlines import Statement
from pytest_parallel_agents.reports.entry import Entry


class ClueEntry(Entry, frozen=True, kw_only=True):
    """One piece of evidence for one cause."""

    kind: Annotated[str, Meta(description="The kind of the check that made it.")]
    check: str
    weight: float
    what: str
    source: Annotated[str, Meta(description="The kind of evidence.")] = ""


class AddendEntry(Entry, frozen=True, kw_only=True):
    """What one kind of evidence adds to a score: weight times points."""

    kind: str
    weight: float
    points: float


class CauseLineEntry(Entry, frozen=True, kw_only=True):
    """A statement of a cause."""

    line: int
    end_line: int
    score: float
    rank_group: Annotated[
        int, Meta(description="Its place among the statements of all causes, counted from 1 and shared by equal ones.")
    ]
    text: Annotated[str, Meta(description="Its first line.")]


class SourceLineEntry(Entry, frozen=True, kw_only=True):
    """A line of a file as it was when the checks ran, without secrets."""

    line: int
    text: str


class CauseEntry(Entry, frozen=True, kw_only=True):
    """A ranked function, or a module's own code (`<module>`), or a file that is not Python (no function)."""

    path: str
    function: str
    line: int
    end_line: int
    lines: Annotated[
        tuple[CauseLineEntry, ...],
        Meta(description="Its likeliest statements: of all causes of failures together the first 20."),
    ]
    score: Annotated[float, Meta(description="The sum of the addends; comparable among causes of one basis.")]
    rank_group: Annotated[int, Meta(description="Counted from 1; causes that the evidence cannot tell apart share it.")]
    kinds: Annotated[tuple[str, ...], Meta(description="The kinds of checks that point here.")]
    members: Annotated[tuple[str, ...], Meta(description="The rank group as path::function, the first 100.")]
    evidence: tuple[ClueEntry, ...]
    addends: tuple[AddendEntry, ...]
    agreeing: Annotated[tuple[str, ...], Meta(description="The kinds of evidence that name no likelier place.")]
    confidence: Annotated[int, Meta(description="How many kinds of evidence agree.")]
    failures: Annotated[tuple[str, ...], Meta(description="Node ids of what it may explain, the first 100.")]
    failure_count: int
    cluster: Annotated[
        int, Meta(description="Causes with the same number may explain the same failures; 0 without failures.")
    ]
    basis: Annotated[
        Basis, Meta(description="What it is ranked by: failures, or findings where nothing failed; these come last.")
    ]
    excerpt: Annotated[
        tuple[SourceLineEntry, ...],
        Meta(
            description="The lines around its likeliest statement, of the first 20 causes; empty where none is known."
        ),
    ] = ()


class UnexplainedEntry(Entry, frozen=True, kw_only=True):
    """Failures for which nothing in the project's code is under suspicion, and why."""

    checks: tuple[str, ...]
    why: str


class FunctionEntry(Entry, frozen=True, kw_only=True):
    """Where a function is that the evidence names. `first_line` is that of its first decorator."""

    path: str
    function: str
    line: int
    end_line: int
    first_line: int


class EvidenceEntry(Entry, frozen=True, kw_only=True):
    """The evidence from which the causes can be ranked again."""

    functions: tuple[FunctionEntry, ...]
    spectra: Annotated[
        dict[str, dict[str, tuple[int, ...]]],
        Meta(description="Node id: path: first lines of the statements executed, as far as a failing check did too."),
    ]
    frames: Annotated[
        dict[str, tuple[tuple[str, int], ...]],
        Meta(description="Node id: path and line of each frame, innermost last."),
    ]
    samples: Annotated[dict[str, dict[str, int]], Meta(description="Node id: path:line: how often seen there.")]
    ages: Annotated[dict[str, dict[int, float]], Meta(description="Path: line: days since it changed.")]
    statements: Annotated[
        dict[str, tuple[Statement, ...]],
        Meta(
            description="Path: first line, last line, whether it defines, whether it raises, size, whether it is in a "
            "handler."
        ),
    ]
    files: Annotated[dict[str, int], Meta(description="Path: the last line.")]
    exceptions: Annotated[dict[str, str], Meta(description="Node id: the class that was raised.")]
    changed: Annotated[dict[str, tuple[int, ...]], Meta(description="Path: lines changed since the base.")]
    imports: Annotated[
        dict[str, tuple[str, ...]], Meta(description="Path of a test file: the project's files that it imports.")
    ]
    test_roots: Annotated[tuple[str, ...], Meta(description="Folders of tests and what helps them.")]
    judges: Annotated[tuple[str, ...], Meta(description="Node ids of checks that only judge the others.")]
    known: Annotated[tuple[str, ...], Meta(description="Fingerprints of findings that the baseline has.")]
    missing: Annotated[str, Meta(description="Why there are no spectra; empty if there are.")]
    unmeasured: Annotated[dict[str, str], Meta(description="Node id: why there is no spectrum of this check.")] = field(
        default_factory=dict
    )
    code_paths: Annotated[
        tuple[str, ...],
        Meta(description="Files of the project's code that only doctests and the like were collected from."),
    ] = ()
    measured_seconds: Annotated[float, Meta(description="What the second pass over failed tests took.")] = 0.0
    waited: Annotated[
        tuple[str, ...],
        Meta(description="Node ids of checks with findings that ran after others, and may know theirs."),
    ] = ()
    bindings: Annotated[
        dict[str, tuple[Binding, ...]],
        Meta(description="Path: first lines of statements that run at import, and of those that read what they bind."),
    ] = field(default_factory=dict)
