"""A run to look at: it has failures of several kinds and something in every part of the page."""

from __future__ import annotations

from msgspec.structs import replace

from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.reports.entries_of_checks import FailureEntry, SectionEntry
from pytest_parallel_agents.reports.report import Report
from tests.unit.reports.samples import shop_report


def report() -> Report:
    """The shop's, with a traceback, and with checks that passed and were skipped."""
    shop = shop_report()
    mypy, test, speed = shop.checks
    failure = FailureEntry(
        text="cart.py:42: in total\nE   ZeroDivisionError: division by zero",
        sections=(SectionEntry(name="Captured stdout call", text="adding up"),),
    )
    tax = replace(test, nodeid="tests/test_tax.py::test_tax", name="test_tax", outcome=Outcome.PASSED, message="")
    later = replace(tax, nodeid="tests/test_tax.py::test_later", name="test_later", outcome=Outcome.SKIPPED)
    return replace(shop, checks=(mypy, replace(test, failure=failure), speed, tax, later))
