"""Tokens and money of several answers together, and in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from pytest_parallel_agents.model.results import Usage
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry, UsageEntry
from pytest_parallel_agents.reports.phrases import counted
from pytest_parallel_agents.reports.report import Report, Spending

Number = TypeVar("Number", int, float)


def total(usages: Sequence[Usage]) -> Usage | None:
    """The sum of all of them, of the last one's model and version; None of none. What none reports stays unknown."""
    if len(usages) < 2:  # noqa: PLR2004 - a sum needs two
        return usages[0] if usages else None
    last = usages[-1]
    return Usage(
        model=last.model,
        version=last.version,
        input_tokens=_sum(usage.input_tokens for usage in usages),
        output_tokens=_sum(usage.output_tokens for usage in usages),
        cost_usd=_sum(usage.cost_usd for usage in usages),
        refused=tuple(dict.fromkeys(name for usage in usages for name in usage.refused)),
        kept=last.kept,
    )


def joined(spendings: Sequence[Spending]) -> Spending | None:
    """What several runs have spent together."""
    if not spendings:
        return None
    return Spending(
        answers=sum(each.answers for each in spendings),
        kept=sum(each.kept for each in spendings),
        input_tokens=_sum(each.input_tokens for each in spendings),
        output_tokens=_sum(each.output_tokens for each in spendings),
        cost_usd=_sum(each.cost_usd for each in spendings),
        budget=_sum(each.budget for each in spendings),
    )


def dollars(cost: float) -> str:
    """`$0.25`; more digits of what is less than a cent."""
    return f"${cost:,.2f}" if cost >= 0.01 or not cost else f"${cost:.2g}"  # noqa: PLR2004 - a cent


def phrase(cost: float | None, input_tokens: int | None, output_tokens: int | None) -> str:
    """`$0.25, 1,200 input and 40 output tokens`; empty where nothing is known."""
    tokens = [
        f"{number:,} {what}"
        for number, what in ((input_tokens, "input"), (output_tokens, "output"))
        if number is not None
    ]
    money = [] if cost is None else [dollars(cost)]
    return ", ".join([*money, *([f"{' and '.join(tokens)} tokens"] if tokens else [])])


def of_check(check: CheckEntry) -> str:
    """`$0.25, 1,200 input and 40 output tokens, fable-4`; empty for a check that has used no language model."""
    usage = check.usage
    if not isinstance(usage, UsageEntry):
        return ""
    phrases = [phrase(usage.cost_usd, usage.input_tokens, usage.output_tokens), usage.model]
    return ", ".join(filter(None, ["kept answer, nothing was sent"] if usage.kept else phrases))


def of_run(report: Report) -> str:
    """`$0.75 of $2.00, 3,600 input and 120 output tokens for 4 answers, 1 of them kept`; empty of a run without."""
    spending = report.run.spending
    if spending is None:
        return ""
    used = phrase(spending.cost_usd, spending.input_tokens, spending.output_tokens) or "no figures"
    kept = f", {spending.kept:,} of them kept" if spending.kept else ""
    budget = "" if spending.budget is None else f", budget {dollars(spending.budget)}"
    return f"{used} for {counted(spending.answers, 'answer')}{kept}{budget}"


def _sum(numbers: Iterable[Number | None]) -> Number | None:
    """Without the digits that come from adding floats."""
    known = [number for number in numbers if number is not None]
    return round(sum(known[1:], known[0]), 9) if known else None
