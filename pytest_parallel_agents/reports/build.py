"""Results and causes → report."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TypeVar

import msgspec

from pytest_parallel_agents.measurements import Measurement
from pytest_parallel_agents.model.plan import Action, Conflict, Plan, Policy
from pytest_parallel_agents.model.results import Agreement, GroupResult, Result
from pytest_parallel_agents.reports import entries_of_checks, report
from pytest_parallel_agents.reports.causes import Located, cause_entries, unexplained_entries
from pytest_parallel_agents.reports.concurrent_checks import ConcurrentChecks
from pytest_parallel_agents.reports.evidence import evidence_entry
from pytest_parallel_agents.reports.timing import timing
from pytest_parallel_agents.reports.usage import total

Entry = TypeVar("Entry")


class RunFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts that only the controller knows. `started`: ISO 8601, UTC. `cpus`: how many CPUs the scheduler
    could assign.
    """

    started: str
    seconds: float
    workers: int
    cpus: int
    exit_code: int
    python: str
    platform: str
    root: str
    policy: Policy
    shard: str | None = None
    commit: str | None = None
    uncommitted: str = ""
    division: str | None = None
    configuration: str | None = None


def build(
    facts: RunFacts,
    plan: Plan | None,
    results: Sequence[Result],
    located: Located,
    groups: Sequence[GroupResult] = (),
    *,
    repeated: float = 0.0,
    collecting: float = 0.0,
) -> report.Report:
    """The report of a run; `plan` is None when it ended before there was one. `results` may come in any order.

    `repeated`: seconds spent on building again what a serial run builds once. `collecting`: seconds during which checks
    ran while others were still collected.
    """
    ordered = sorted(results, key=lambda result: result.check.index)
    concurrent_checks = ConcurrentChecks(ordered)
    return report.Report(
        schema=report.SCHEMA_ID,
        run=msgspec.structs.replace(
            msgspec.convert(facts, report.Run, from_attributes=True), spending=_spending(plan, ordered)
        ),
        timing=timing(plan, ordered, facts.cpus, repeated=repeated, collecting=collecting),
        independence=_independence(facts.policy, plan, ordered),
        checks=tuple([_check(result, concurrent_checks) for result in ordered]),
        groups=tuple(_group(result, ordered) for result in groups),
        causes=tuple(cause_entries(located)),
        unexplained=unexplained_entries(located.ranking),
        evidence=None if located.evidence is None else evidence_entry(located.evidence),
        baseline=None,
    )


def _independence(policy: Policy, plan: Plan | None, results: Sequence[Result]) -> report.Independence:
    conflicts = () if plan is None else plan.conflicts
    by_nodeid = {result.check.nodeid: result for result in results}
    return report.Independence(
        policy=policy,
        verified=plan is not None and all(_kept_apart(conflict, by_nodeid) for conflict in conflicts),
        conflicts=msgspec.convert(conflicts, tuple[report.ConflictEntry, ...], from_attributes=True),
    )


def _spending(plan: Plan | None, results: Sequence[Result]) -> report.Spending | None:
    usages = [result.usage for result in results if result.usage is not None]
    sums = total(usages)
    budget = None if plan is None else plan.budget
    if sums is None and budget is None:
        return None
    return report.Spending(
        answers=len(usages),
        kept=sum(usage.kept for usage in usages),
        input_tokens=None if sums is None else sums.input_tokens,
        output_tokens=None if sums is None else sums.output_tokens,
        cost_usd=None if sums is None else sums.cost_usd,
        budget=budget,
    )


def _kept_apart(conflict: Conflict, results: dict[str, Result]) -> bool:
    if conflict.action is not Action.SERIALIZED:
        return False
    left, right = results.get(conflict.left), results.get(conflict.right)
    if left is None or right is None:
        return True
    return all(
        one.stop <= other.start or other.stop <= one.start for one, other in product(left.attempts, right.attempts)
    )


def _check(result: Result, concurrent_checks: ConcurrentChecks) -> entries_of_checks.CheckEntry:
    check, last = result.check, result.last
    return entries_of_checks.CheckEntry(
        nodeid=check.nodeid,
        kind=check.kind,
        name=check.name,
        outcome=result.outcome,
        duration=last.duration if last else 0.0,
        worker=last.worker if last else None,
        start=last.start if last else None,
        stop=last.stop if last else None,
        attempts=_entries(result.attempts, entries_of_checks.AttemptEntry),
        group=check.group,
        message=result.message,
        failure=_failure(result),
        alone=msgspec.UNSET if result.alone is None else result.alone.outcome,
        replay=result.alone.replay if result.alone is not None and result.alone.replay else msgspec.UNSET,
        usage=msgspec.UNSET if result.usage is None else _entries([result.usage], entries_of_checks.UsageEntry)[0],
        notes=result.evidence.notes,
        measurements=_measurements(result, concurrent_checks),
        findings=_entries(result.evidence.findings, entries_of_checks.FindingEntry),
    )


def _failure(result: Result) -> entries_of_checks.FailureEntry | msgspec.UnsetType:
    if result.failure is None or not result.outcome.bad:
        return msgspec.UNSET
    return msgspec.convert(result.failure, entries_of_checks.FailureEntry, from_attributes=True)


def _measurements(
    result: Result, concurrent_checks: ConcurrentChecks
) -> tuple[entries_of_checks.MeasurementEntry, ...]:
    measured = result.evidence.measurements
    if not measured:
        return ()
    beside = concurrent_checks.count(result)
    return tuple(_measurement(each, beside) for each in measured)


def _measurement(measured: Measurement, beside: int) -> entries_of_checks.MeasurementEntry:
    return entries_of_checks.MeasurementEntry(
        name=measured.name,
        calls=measured.calls,
        cpu_seconds=measured.cpu_seconds,
        wall_seconds=measured.wall_seconds,
        peak_bytes=measured.peak_bytes,
        beside=beside,
        cpu_share=measured.cpu_share,
        involuntary_switches=measured.involuntary_switches,
        rounds=None if measured.rounds is None else _entries([measured.rounds], entries_of_checks.RoundsEntry)[0],
        flame_graphs=(),
        hot_spots=_entries(measured.hot_spots, entries_of_checks.HotSpotEntry),
    )


def _entries(values: Sequence[object], entry: type[Entry]) -> tuple[Entry, ...]:
    return tuple([msgspec.convert(value, entry, from_attributes=True) for value in values]) if values else ()


def _group(result: GroupResult, results: Sequence[Result]) -> report.GroupEntry:
    indices = frozenset(result.group.members)
    members = [one for one in results if one.check.index in indices]
    return report.GroupEntry(
        name=result.group.name,
        wait=result.group.wait,
        passed=result.passed,
        decided_by=result.decided_by,
        seconds=None if result.group.agree else _seconds_until(result.group.needed or len(members), members),
        members=tuple(one.check.nodeid for one in members),
        agree=result.group.agree,
        answers=result.answers,
        agreements=tuple(_agreement(each, members) for each in result.agreements),
    )


def _agreement(agreement: Agreement, members: Sequence[Result]) -> report.AgreementEntry:
    found = agreement.finding
    return report.AgreementEntry(
        rule=found.rule,
        level=found.level,
        message=found.message,
        path=found.path,
        line=found.line,
        end_line=found.end_line,
        votes=len(agreement.voters),
        voters=tuple(one.check.nodeid for one in members if one.check.index in agreement.voters),
        counts=agreement.counts,
    )


def _seconds_until(passes: int, members: Sequence[Result]) -> float | None:
    starts = [attempt.start for one in members for attempt in one.attempts]
    stops = sorted(one.last.stop for one in members if one.last is not None and one.outcome.good)
    return stops[passes - 1] - min(starts) if 0 < passes <= len(stops) else None
