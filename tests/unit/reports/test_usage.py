from __future__ import annotations

import pytest
from msgspec.structs import replace

from pytest_parallel_agents.model.results import Usage
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry, UsageEntry
from pytest_parallel_agents.reports.report import Spending
from pytest_parallel_agents.reports.usage import dollars, joined, of_check, of_run, total
from tests.unit.reports.samples import shop_report

ONE = Usage(model="small", input_tokens=10, output_tokens=2, cost_usd=0.1, refused=("Bash",))
OTHER = Usage(model="large", input_tokens=5, cost_usd=0.2, refused=("Bash", "Edit"))


def test_the_attempts_of_a_check_are_added() -> None:
    together = Usage(model="large", input_tokens=15, output_tokens=2, cost_usd=0.3, refused=("Bash", "Edit"))
    assert total([ONE, OTHER]) == together
    assert total([ONE]) is ONE
    assert total([]) is None


def test_what_no_program_reports_stays_unknown() -> None:
    silent = total([Usage(), Usage()])
    assert silent is not None
    assert (silent.input_tokens, silent.output_tokens, silent.cost_usd) == (None, None, None)


def test_runs_are_added() -> None:
    one = Spending(answers=2, kept=1, input_tokens=10, output_tokens=None, cost_usd=0.1, budget=None)
    assert joined([one, replace(one, budget=1.0)]) == Spending(
        answers=4, kept=2, input_tokens=20, output_tokens=None, cost_usd=0.2, budget=1.0
    )
    assert joined([]) is None


@pytest.mark.parametrize(
    ("cost", "shown"), [(0.0, "$0.00"), (0.00056, "$0.00056"), (0.25, "$0.25"), (1234.5, "$1,234.50")]
)
def test_dollars(cost: float, shown: str) -> None:
    assert dollars(cost) == shown


def entry(**fields: object) -> UsageEntry:
    known = {"model": "small", "version": "", "input_tokens": 1200, "output_tokens": None, "cost_usd": None}
    return UsageEntry(**{**known, "refused": (), "kept": False, **fields})  # type: ignore[arg-type]


def test_the_words_for_a_check_and_a_run() -> None:
    report = shop_report()
    check: CheckEntry = report.checks[0]
    assert of_check(check) == of_run(report) == ""
    assert of_check(replace(check, usage=entry())) == "1,200 input tokens, small"
    assert of_check(replace(check, usage=entry(cost_usd=0.5))) == "$0.50, 1,200 input tokens, small"
    assert of_check(replace(check, usage=entry(kept=True))) == "kept answer, nothing was sent"
    spending = Spending(answers=1, kept=1, input_tokens=None, output_tokens=None, cost_usd=None, budget=2.0)
    spent = replace(report, run=replace(report.run, spending=spending))
    assert of_run(spent) == "no figures for 1 answer, 1 of them kept, budget $2.00"
