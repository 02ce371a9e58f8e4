"""Suspects: failed checks that may have failed because of what ran before them on their worker, or beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from pytest_parallel_agents.model.plan import Check
from pytest_parallel_agents.model.results import Attempt, Outcome, Result


class Suspect(msgspec.Struct, frozen=True):
    """A failed check, the worker of its last attempt, and the checks that it had run until then, in order, by check
    index.
    """

    check: Check
    worker: str
    before: tuple[int, ...]


class _Ran(msgspec.Struct, frozen=True):
    attempt: Attempt
    check: int


def suspects(results: Iterable[Result], is_wanted: Callable[[Check], bool]) -> list[Suspect]:
    """The suspects for which `is_wanted` holds, in the order in which they ended, without those that ran on
    their own.
    """
    results = tuple(results)
    failed = [each for each in results if each.last and each.outcome in (Outcome.FAILED, Outcome.ERROR)]
    wanted = [each for each in failed if is_wanted(each.check)]
    if not wanted:
        return []
    ran = sorted(
        (_Ran(attempt, result.check.index) for result in results for attempt in result.attempts),
        key=lambda each: each.attempt.start,
    )
    found = [(result.last, _suspect(result.check, result.last, ran)) for result in wanted if result.last is not None]
    return [suspect for _, suspect in sorted(found, key=lambda each: each[0].stop) if suspect is not None]


def _suspect(check: Check, last: Attempt, ran: Sequence[_Ran]) -> Suspect | None:
    others = [each for each in ran if each.check != check.index]
    before = [each.check for each in others if each.attempt.worker == last.worker and each.attempt.start <= last.start]
    beside = any(each.attempt.start < last.stop and last.start < each.attempt.stop for each in others)
    return Suspect(check, last.worker, tuple(dict.fromkeys(before))) if before or beside else None
