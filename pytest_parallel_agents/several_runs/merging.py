"""The reports of all shards of a run → the report of one run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar

from msgspec.structs import replace

from pytest_parallel_agents.convergence.ranking import explain
from pytest_parallel_agents.errors import AgentsError, UsageFaults
from pytest_parallel_agents.reports.causes import Located, cause_entries, unexplained_entries
from pytest_parallel_agents.reports.entries_of_causes import CauseEntry
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry
from pytest_parallel_agents.reports.evidence import evidence_entry, evidence_from_report, joined_evidence
from pytest_parallel_agents.reports.report import Baseline, Independence, Report, Run, ShardEntry, Timing
from pytest_parallel_agents.reports.usage import joined
from pytest_parallel_agents.shard import parse_shard

Each = TypeVar("Each")

_SAME: Final[Mapping[str, Callable[[Run], object]]] = {
    "commit": lambda run: (run.commit, run.uncommitted),
    "configuration": lambda run: run.configuration,
    "number of shards": lambda run: _number(run)[1],
    "division into shards": lambda run: run.division,
}
"""What must be the same in all reports."""

_GRAVEST: Final = (3, 2, 4, 1)
"""Exit codes of pytest: one of a shard is that of the whole run, unless another one has a graver one."""

_NONE_COLLECTED: Final = 5


def merged(reports: Mapping[str, Report]) -> Report:
    """The report of the run whose shards these are, by the names of their files. A single report is ranked again.

    Raises UsageFaults when they are not all shards of one run.
    """
    if len(reports) > 1 or any(report.run.shard for report in reports.values()):
        _refuse_others(reports)
        ordered = list(_once(sorted(reports.values(), key=lambda report: _number(report.run))))
        return _ranked(_joined(ordered), ordered)
    (only,) = reports.values()
    return _ranked(only, [only])


def _refuse_others(reports: Mapping[str, Report]) -> None:
    faults = [
        AgentsError(f"{name} is the report of a whole run, not of a shard", hint="leave it out")
        for name, report in reports.items()
        if report.run.shard is None
    ]
    faults += [fault for name, report in reports.items() for fault in _unreadable(name, report.run)]
    if not faults:
        faults = [*_different(reports)] or [*_twice_or_missing(reports), *_checks_twice(reports)]
    if faults:
        raise UsageFaults(faults)


def _unreadable(name: str, run: Run) -> Iterator[AgentsError]:
    """What the report's schema does not see."""
    remedy = "give the report as it was written"
    if run.shard is not None and parse_shard(run.shard) is None:
        yield AgentsError(f"{name} is of the shard {run.shard!r}, which is none", hint=remedy)
    try:
        is_time = datetime.fromisoformat(run.started).tzinfo is not None
    except ValueError:
        is_time = False
    if not is_time:
        yield AgentsError(f"{name} has begun at {run.started!r}, which is no time with a time zone", hint=remedy)


def _different(reports: Mapping[str, Report]) -> Iterator[AgentsError]:
    (first, one), *others = reports.items()
    for what, of in _SAME.items():
        for name, report in others:
            if of(report.run) != of(one.run):
                remedy = _REMEDIES.get(what, "run all shards on the same code")
                yield AgentsError(f"{name} has another {what} than {first}", hint=remedy)
                break


_REMEDIES: Final = {"division into shards": "give all shards the same --agents-durations"}


def _twice_or_missing(reports: Mapping[str, Report]) -> Iterator[AgentsError]:
    found: dict[int, str] = {}
    for name, report in reports.items():
        number = _number(report.run)[0]
        if number in found:
            yield AgentsError(f"{found[number]} and {name} are both shard {report.run.shard}", hint="give one of them")
        found.setdefault(number, name)
    total = _number(next(iter(reports.values())).run)[1]
    missing = [f"{number}/{total}" for number in range(1, total + 1) if number not in found]
    if missing:
        yield AgentsError(f"no report is of shard {', '.join(missing)}", hint="give the reports of all shards")


def _checks_twice(reports: Mapping[str, Report]) -> Iterator[AgentsError]:
    """A check is in two shards only if they have not divided alike. What could not be collected is in each."""
    found: dict[str, str] = {}
    for name, report in reports.items():
        for nodeid in {check.nodeid for check in report.checks if check.attempts}:
            if nodeid in found:
                where = f"{found[nodeid]} and in {name}"
                yield AgentsError(f"{nodeid} has run in {where}", hint=_REMEDIES["division into shards"])
                return
            found[nodeid] = name


def _number(run: Run) -> tuple[int, int]:
    number, _, total = (run.shard or "1/1").partition("/")
    return int(number), int(total)


def _once(shards: Iterable[Report]) -> Iterator[Report]:
    """What could not be collected is in each shard: the reports with that in the first one only."""
    seen = set[str]()
    for shard in shards:
        yield replace(
            shard, checks=tuple(check for check in shard.checks if check.attempts or check.nodeid not in seen)
        )
        seen.update(check.nodeid for check in shard.checks)


def _joined(shards: Sequence[Report]) -> Report:
    return replace(
        shards[0],
        run=_run(shards),
        timing=_timing(shards),
        independence=Independence(
            policy=shards[0].independence.policy,
            verified=all(shard.independence.verified for shard in shards),
            conflicts=_unique(conflict for shard in shards for conflict in shard.independence.conflicts),
        ),
        checks=tuple(_checks(shards)),
        groups=tuple(group for shard in shards for group in shard.groups),
        baseline=_baseline(shards),
        shards=tuple(_shard(shard) for shard in shards),
        history=None,
    )


def _run(shards: Sequence[Report]) -> Run:
    runs = [shard.run for shard in shards]
    begun = [datetime.fromisoformat(run.started) for run in runs]
    ended = max(start.timestamp() + run.seconds for start, run in zip(begun, runs, strict=True))
    return replace(
        runs[0],
        started=min(run.started for run in runs),
        seconds=ended - min(begun).timestamp(),
        workers=sum(run.workers for run in runs),
        cpus=sum(run.cpus for run in runs),
        spending=joined([run.spending for run in runs if run.spending is not None]),
        exit_code=_exit_code([run.exit_code for run in runs]),
        python=", ".join(_unique(run.python for run in runs)),
        platform=", ".join(_unique(run.platform for run in runs)),
        shard=None,
    )


def _exit_code(codes: Sequence[int]) -> int:
    """A shard may have no check; the run has none only if no shard has one."""
    bad = [code for code in codes if code not in (0, _NONE_COLLECTED)]
    known = [code for code in _GRAVEST if code in bad]
    if bad:
        return known[0] if known else max(bad)
    return min(codes)


def _timing(shards: Iterable[Report]) -> Timing:
    """That of machines which begin at once."""
    timings = [shard.timing for shard in shards]
    slowest = max(timings, key=lambda each: each.lower_bound)
    sequential, makespan = sum(each.sequential for each in timings), max(each.makespan for each in timings)
    return Timing(
        sequential=sequential,
        makespan=makespan,
        speedup=sequential / makespan if makespan > 0 else None,
        lower_bound=slowest.lower_bound,
        efficiency=slowest.lower_bound / makespan if makespan > 0 else None,
        start_skew=max(each.start_skew for each in timings),
        critical_path=slowest.critical_path,
    )


def _checks(shards: Iterable[Report]) -> Iterator[CheckEntry]:
    for shard in shards:
        prefix = f"{_number(shard.run)[0]}."
        for check in shard.checks:
            yield replace(
                check,
                worker=None if check.worker is None else prefix + check.worker,
                attempts=tuple(replace(each, worker=prefix + each.worker) for each in check.attempts),
            )


def _shard(shard: Report) -> ShardEntry:
    run = shard.run
    return ShardEntry(
        shard=run.shard or "",
        started=run.started,
        seconds=run.seconds,
        workers=run.workers,
        cpus=run.cpus,
        exit_code=run.exit_code,
        checks=len(shard.checks),
        timing=shard.timing,
    )


def _baseline(shards: Sequence[Report]) -> Baseline | None:
    """What one shard no longer finds is not fixed as long as another one finds it."""
    baselines = [shard.baseline for shard in shards if shard.baseline is not None]
    if not baselines:
        return None
    present = {finding.fingerprint for shard in shards for check in shard.checks for finding in check.findings}
    return Baseline(
        new=tuple(finding for each in baselines for finding in each.new),
        fixed=_unique(finding for each in baselines for finding in each.fixed if finding.fingerprint not in present),
        unchanged=_unique(fingerprint for each in baselines for fingerprint in each.unchanged),
        regressions=_unique(entry for each in baselines for entry in each.regressions),
    )


def _ranked(whole: Report, shards: Sequence[Report]) -> Report:
    """With causes ranked from the evidence of all shards."""
    with_evidence = [shard for shard in shards if shard.evidence is not None]
    if not with_evidence:
        return whole
    evidence = joined_evidence([evidence_from_report(shard) for shard in with_evidence])
    ranking = explain(evidence)
    located = Located(ranking=ranking, evidence=evidence, sources=_texts(shards))
    return replace(
        whole,
        causes=tuple(_with_excerpts(cause_entries(located), shards)),
        unexplained=unexplained_entries(ranking),
        evidence=evidence_entry(evidence),
    )


def _with_excerpts(causes: Iterable[CauseEntry], shards: Iterable[Report]) -> Iterator[CauseEntry]:
    """Of a file only some lines are known here: excerpts are those that were made where all of it was read."""
    known = {_place(cause): cause.excerpt for shard in shards for cause in shard.causes if cause.excerpt}
    for cause in causes:
        yield replace(cause, excerpt=known.get(_place(cause), ()))


def _place(cause: CauseEntry) -> tuple[str, str, int]:
    return cause.path, cause.function, cause.line


def _texts(shards: Iterable[Report]) -> dict[str, str]:
    """The lines that the reports show, each in its place in a file that is empty elsewhere."""
    known: dict[str, dict[int, str]] = {}
    for cause in (cause for shard in shards for cause in shard.causes):
        known.setdefault(cause.path, {}).update((line.line, line.text) for line in cause.lines)
    return {
        path: "\n".join(lines.get(number, "") for number in range(1, max(lines, default=0) + 1))
        for path, lines in known.items()
    }


def _unique(values: Iterable[Each]) -> tuple[Each, ...]:
    return tuple(dict.fromkeys(values))
