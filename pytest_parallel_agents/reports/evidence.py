"""The evidence of a run in its report, and out of it again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from pytest_parallel_agents.convergence.evidence import CheckEvidence, RunEvidence, Samples, test_paths
from pytest_parallel_agents.convergence.functions import MODULE, FunctionRange
from pytest_parallel_agents.convergence.outlines import Outline, Statement
from pytest_parallel_agents.measurements import HotSpot, Measurement
from pytest_parallel_agents.model.results import Finding, Frame
from pytest_parallel_agents.reports.entries_of_causes import EvidenceEntry, FunctionEntry
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry, MeasurementEntry
from pytest_parallel_agents.reports.report import Report

_Lines = dict[str, set[int]]


def evidence_entry(run: RunEvidence) -> EvidenceEntry:
    """The evidence without what the report has elsewhere, and without code that it does not name."""
    executed = _executed(run)
    named = _named(run, executed)
    outlines = [run.outlines[path] for path in sorted(named) if path in run.outlines]
    return EvidenceEntry(
        functions=tuple(entry for outline in outlines for entry in _functions(outline, named[outline.path])),
        statements={
            outline.path: tuple(
                each for each in outline.statements if not named[outline.path].isdisjoint(_lines_of(each))
            )
            for outline in outlines
        },
        bindings={outline.path: outline.bindings for outline in outlines if outline.path in executed},
        files={outline.path: outline.end_line for outline in outlines},
        spectra=_spectra(run, executed),
        frames={
            check.nodeid: tuple((frame.path, frame.line) for frame in check.frames)
            for check in run.checks
            if check.frames
        },
        exceptions={check.nodeid: check.exception for check in run.checks if check.exception},
        samples=_seen(run),
        ages={path: dict(days) for path, days in run.ages.items()},
        changed={path: tuple(sorted(lines)) for path, lines in run.changed.items()},
        imports=dict(run.imports),
        test_roots=run.test_roots,
        code_paths=tuple(sorted(run.code_paths)),
        judges=tuple(check.nodeid for check in run.checks if check.judges),
        waited=tuple(check.nodeid for check in run.checks if check.waited and check.findings),
        known=tuple(sorted(run.known)),
        missing=run.missing,
        unmeasured=dict(run.unmeasured),
        measured_seconds=run.measured_seconds,
    )


def _spectra(run: RunEvidence, executed: _Lines) -> dict[str, dict[str, tuple[int, ...]]]:
    """By node id and path, the lines that are among those `executed`."""
    return {
        check.nodeid: {
            path: tuple(line for line in lines if line in executed[path])
            for path, lines in check.spectrum.items()
            if path in executed
        }
        for check in run.checks
        if check.spectrum is not None and executed
    }


def _seen(run: RunEvidence) -> dict[str, dict[str, int]]:
    """By node id and place, how often a check that timed out was seen there."""
    return {
        check.nodeid: {
            f"{path}:{line}": times for path, lines in check.samples.items() for line, times in lines.items()
        }
        for check in run.checks
        if check.samples
    }


def read_evidence(path: Path) -> RunEvidence:
    """The evidence of the run that wrote the JSON report at `path`.

    Raises OSError if the file cannot be read, and msgspec.ValidationError or msgspec.DecodeError if it is no report.
    """
    return evidence_from_report(msgspec.json.decode(path.read_bytes(), type=Report))


def evidence_from_report(report: Report) -> RunEvidence:
    """The evidence that a report was made from, as far as a ranking is concerned: it ranks equal."""
    entry = report.evidence
    if entry is None:
        return RunEvidence(checks=())
    ranges: dict[str, list[FunctionRange]] = defaultdict(list)
    for each in entry.functions:
        ranges[each.path].append(msgspec.convert(each, FunctionRange, from_attributes=True))
    return RunEvidence(
        checks=tuple(_check(check, entry) for check in report.checks),
        outlines={
            path: Outline(
                path=path,
                end_line=end,
                functions=tuple(ranges[path]),
                statements=entry.statements.get(path, ()),
                bindings=entry.bindings.get(path, ()),
            )
            for path, end in entry.files.items()
        },
        test_paths=test_paths((check.nodeid for check in report.checks), entry.code_paths),
        test_roots=entry.test_roots,
        code_paths=frozenset(entry.code_paths),
        ages=entry.ages,
        changed={path: frozenset(lines) for path, lines in entry.changed.items()},
        known=frozenset(entry.known),
        imports=entry.imports,
        missing=entry.missing,
        unmeasured=entry.unmeasured,
        measured_seconds=entry.measured_seconds,
    )


def joined_evidence(runs: Sequence[RunEvidence]) -> RunEvidence:
    """The evidence of several runs of different checks of the same code, as that of one run."""
    outlines: dict[str, list[Outline]] = defaultdict(list)
    for run in runs:
        for path, outline in run.outlines.items():
            outlines[path].append(outline)
    return RunEvidence(
        checks=tuple(check for run in runs for check in run.checks),
        outlines={path: _joined(several) for path, several in outlines.items()},
        test_paths=frozenset().union(*(run.test_paths for run in runs)),
        test_roots=tuple(dict.fromkeys(root for run in runs for root in run.test_roots)),
        ages={path: days for run in runs for path, days in run.ages.items()},
        changed={path: lines for run in runs for path, lines in run.changed.items()},
        known=frozenset().union(*(run.known for run in runs)),
        imports={path: paths for run in runs for path, paths in run.imports.items()},
        missing=next((run.missing for run in runs if run.missing), ""),
        unmeasured={nodeid: why for run in runs for nodeid, why in run.unmeasured.items()},
        measured_seconds=sum(run.measured_seconds for run in runs),
    )


def _joined(outlines: Sequence[Outline]) -> Outline:
    """Each report names only the functions and statements that its own evidence is about."""
    functions = {function for outline in outlines for function in outline.functions}
    statements = {statement for outline in outlines for statement in outline.statements}
    bindings = {binding for outline in outlines for binding in outline.bindings}
    return Outline(
        path=outlines[0].path,
        end_line=max(outline.end_line for outline in outlines),
        functions=tuple(sorted(functions, key=lambda each: (each.first_line, -each.end_line))),
        statements=tuple(sorted(statements, key=lambda each: each.line)),
        bindings=tuple(sorted(bindings, key=lambda each: each.line)),
    )


def _executed(run: RunEvidence) -> _Lines:
    """What failing checks executed: of the others nothing else is ever asked."""
    executed: _Lines = defaultdict(set)
    for check in run.checks:
        if check.outcome.bad:
            for path, lines in (check.spectrum or {}).items():
                executed[path].update(lines)
    return dict(executed)


def _named(run: RunEvidence, executed: _Lines) -> _Lines:
    """Every line that the evidence names, in files of which nothing is named by line none."""
    named: _Lines = defaultdict(set, {path: set(lines) for path, lines in executed.items()})
    for check in run.checks:
        for path, line in (*_places(check), *_imported(check, run)):
            named[path].update([] if line is None else [line])
    for path in executed.keys() & run.outlines.keys():
        named[path].update(_run_before(run.outlines[path], executed[path]))
    return named


def _run_before(outline: Outline, executed: set[int]) -> Iterator[int]:
    """What ran at import and matters to what was executed: heads of functions, and what binds names."""
    yield from (each.first_line for each in outline.functions if _has_any(each, executed))
    yield from (binding.line for binding in outline.bindings)


def _imported(check: CheckEvidence, run: RunEvidence) -> Iterator[tuple[str, int]]:
    """The functions among which words choose where nothing else is known of a failed check."""
    if check.outcome.bad and check.spectrum is None:
        for path in run.imports.get(check.nodeid.partition("::")[0], ()):
            if path in run.outlines:
                yield from ((path, function.line) for function in run.outlines[path].functions)


def _places(check: CheckEvidence) -> Iterator[tuple[str, int | None]]:
    yield from ((frame.path, frame.line) for frame in check.frames)
    yield from ((path, line) for path, lines in check.samples.items() for line in lines)
    yield from ((finding.path, finding.line) for finding in check.findings if finding.path is not None)
    for measured in check.measurements:
        yield from ((spot.path, None if spot.function == MODULE else spot.line) for spot in measured.hot_spots)


def _functions(outline: Outline, named: set[int]) -> Iterator[FunctionEntry]:
    for function in outline.functions:
        if _has_any(function, named):
            yield msgspec.convert(function, FunctionEntry, from_attributes=True)


def _has_any(function: FunctionRange, lines: Iterable[int]) -> bool:
    return any(function.first_line <= line <= function.end_line for line in lines)


def _lines_of(statement: Statement) -> range:
    return range(statement.line, statement.end_line + 1)


def _check(check: CheckEntry, entry: EvidenceEntry) -> CheckEvidence:
    return CheckEvidence(
        nodeid=check.nodeid,
        kind=check.kind,
        name=check.name,
        outcome=check.outcome,
        message=check.message,
        exception=entry.exceptions.get(check.nodeid, ""),
        frames=tuple(Frame(path, line) for path, line in entry.frames.get(check.nodeid, ())),
        findings=tuple(msgspec.convert(each, Finding, from_attributes=True) for each in check.findings),
        measurements=tuple(_measurement(each) for each in check.measurements),
        spectrum=entry.spectra.get(check.nodeid),
        samples=_samples(entry.samples.get(check.nodeid, {})),
        judges=check.nodeid in entry.judges,
        waited=check.nodeid in entry.waited,
    )


def _measurement(entry: MeasurementEntry) -> Measurement:
    """What was measured, with its hot spots; rounds do not matter here."""
    return Measurement(
        name=entry.name,
        calls=entry.calls,
        cpu_seconds=entry.cpu_seconds,
        wall_seconds=entry.wall_seconds,
        peak_bytes=entry.peak_bytes,
        hot_spots=tuple(msgspec.convert(spot, HotSpot, from_attributes=True) for spot in entry.hot_spots),
    )


def _samples(counts: dict[str, int]) -> Samples:
    samples: dict[str, dict[int, int]] = defaultdict(dict)
    for place, times in counts.items():
        path, _, line = place.rpartition(":")
        samples[path][int(line)] = times
    return samples
