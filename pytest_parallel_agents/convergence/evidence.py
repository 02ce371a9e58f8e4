"""All that a ranking needs to know of a run, as plain data, which the JSON report carries.

Paths are relative to the root with `/`, lines count from 1, ages are days.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import msgspec

from pytest_parallel_agents.convergence.outlines import Outline
from pytest_parallel_agents.measurements import Measurement
from pytest_parallel_agents.model.results import Finding, Frame, Outcome

Spectrum = Mapping[str, tuple[int, ...]]
"""Path: lines that a check executed, until it failed if it did."""

Samples = Mapping[str, Mapping[int, int]]
"""Path: line: how often the innermost frame of the project was seen there."""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What a second pass under line coverage, and the sampling of checks that hung, have measured.

    `spectra` and `samples` are by node id. Only checks that ended under measurement as they had before have a spectrum,
    those that failed and those that passed. `imports`: path of a test file: paths of the project's modules that it
    imports. `missing` is the reason why there are no spectra; it is empty if there are, or if nothing failed.
    `unmeasured` has the reason for single checks, by node id, as a sentence about the check. `seconds`: what the second
    pass took.
    """

    spectra: Mapping[str, Spectrum] = msgspec.field(default_factory=dict)
    samples: Mapping[str, Samples] = msgspec.field(default_factory=dict)
    imports: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    missing: str = ""
    unmeasured: Mapping[str, str] = msgspec.field(default_factory=dict)
    seconds: float = 0.0


class CheckEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """What one check contributes.

    `message` is the headline of how it ended, `exception` the name of the class that was raised (empty if nothing
    was). `frames` are the project's, the innermost last. `spectrum` is None when the check was not measured. `judges`:
    it only judges what the others found, so its failure has no place of its own. `waited`: it ran after checks that it
    names, whose output it may have been shown, so that it is no independent witness beside them.
    """

    nodeid: str
    kind: str
    name: str
    outcome: Outcome
    message: str = ""
    exception: str = ""
    frames: tuple[Frame, ...] = ()
    findings: tuple[Finding, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    spectrum: Spectrum | None = None
    samples: Samples = msgspec.field(default_factory=dict)
    judges: bool = False
    waited: bool = False


def test_paths(nodeids: Iterable[str], code_paths: Collection[str]) -> frozenset[str]:
    """The files that tests were collected from. One that could not be collected is where to look itself."""
    parts = (nodeid.partition("::") for nodeid in nodeids)
    return frozenset(path for path, separator, _ in parts if separator).difference(code_paths)


class RunEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """What `rank` ranks.

    `outlines`: where functions and statements are in each file that evidence names. `test_paths`: files that tests
    were collected from; `test_roots`: folders whose files are tests or help them, whatever they are called;
    `code_paths`: files of the project's code that only doctests and the like were collected from. `ages`: path: line:
    days since it changed. `changed`: path: lines that changed since a base. `known`: fingerprints of findings that a
    baseline has. `imports`, `missing` and `unmeasured`: see `Measured`. `measured_seconds`: what the second pass took.
    """

    checks: tuple[CheckEvidence, ...]
    outlines: Mapping[str, Outline] = msgspec.field(default_factory=dict)
    test_paths: frozenset[str] = frozenset()
    test_roots: tuple[str, ...] = ()
    code_paths: frozenset[str] = frozenset()
    ages: Mapping[str, Mapping[int, float]] = msgspec.field(default_factory=dict)
    changed: Mapping[str, frozenset[int]] = msgspec.field(default_factory=dict)
    known: frozenset[str] = frozenset()
    imports: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    missing: str = ""
    unmeasured: Mapping[str, str] = msgspec.field(default_factory=dict)
    measured_seconds: float = 0.0
