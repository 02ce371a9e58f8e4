"""Results, sources and measurements → evidence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from pytest_parallel_agents.convergence.evidence import CheckEvidence, Measured, RunEvidence, Spectrum, test_paths
from pytest_parallel_agents.convergence.outlines import Outline, outline
from pytest_parallel_agents.model.results import Result


def evidence_paths(results: Iterable[Result], measured: Measured) -> frozenset[str]:
    """Every path that findings, frames, hot spots, samples, and spectra of failing checks name; of those without a
    spectrum what they import.
    """
    return frozenset(path for result in results for path in _paths(result, measured))


def gather(
    results: Sequence[Result],
    sources: Mapping[str, str],
    measured: Measured,
    *,
    gates: Collection[str] = (),
    known: Collection[str] = (),
    test_roots: Sequence[str] = (),
    code_paths: Collection[str] = (),
) -> RunEvidence:
    """The evidence of a run. `sources`: the text of each of its `evidence_paths`, as far as readable.

    `gates`: node ids of checks that judge what the others found. `known`: fingerprints of findings that a baseline has.
    Lines of spectra become the first lines of their statements.
    """
    outlines = {path: outline(path, text) for path, text in sources.items()}
    statements = {path: _Statements(each) for path, each in outlines.items()}
    return RunEvidence(
        checks=tuple(_check(result, measured, statements, result.check.nodeid in gates) for result in results),
        outlines=outlines,
        test_paths=test_paths((result.check.nodeid for result in results), code_paths),
        test_roots=tuple(test_roots),
        code_paths=frozenset(code_paths),
        known=frozenset(known),
        imports=measured.imports,
        missing=measured.missing,
        unmeasured=measured.unmeasured,
        measured_seconds=measured.seconds,
    )


class _Statements(dict[int, int]):
    """Line: first line of its statement; looked up once for all checks that executed it."""

    def __init__(self, file: Outline) -> None:
        super().__init__()
        self._file = file

    def __missing__(self, line: int) -> int:
        first = self[line] = self._file.statement_at(line).line
        return first


def _check(result: Result, measured: Measured, statements: Mapping[str, _Statements], judges: bool) -> CheckEvidence:  # noqa: FBT001
    nodeid, evidence = result.check.nodeid, result.evidence
    spectrum = measured.spectra.get(nodeid)
    return CheckEvidence(
        nodeid=nodeid,
        kind=result.check.kind,
        name=result.check.name,
        outcome=result.outcome,
        message=result.message,
        exception=evidence.exception,
        frames=evidence.frames if result.outcome.bad else (),
        findings=evidence.findings,
        measurements=evidence.measurements,
        spectrum=None if spectrum is None else dict(_executed(spectrum, statements)),
        samples=measured.samples.get(nodeid, {}),
        judges=judges,
        waited=bool(result.check.after),
    )


def _executed(spectrum: Spectrum, statements: Mapping[str, _Statements]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The statements in files that matter: those that a failing check executed."""
    for path, lines in spectrum.items():
        if path in statements:
            yield path, tuple(sorted({statements[path][line] for line in lines}))


def _paths(result: Result, measured: Measured) -> Iterator[str]:
    evidence, nodeid = result.evidence, result.check.nodeid
    yield from (finding.path for finding in evidence.findings if finding.path is not None)
    yield from (frame.path for frame in evidence.frames)
    yield from (spot.path for measurement in evidence.measurements for spot in measurement.hot_spots)
    yield from measured.samples.get(nodeid, ())
    if result.outcome.bad:
        yield from measured.spectra.get(nodeid, measured.imports.get(nodeid.partition("::")[0], ()))
