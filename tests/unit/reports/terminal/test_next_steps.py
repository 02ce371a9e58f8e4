from __future__ import annotations

import pytest
from msgspec.structs import replace

from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.reports.first_causes import first_causes
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.reports.terminal.next_steps import NO_COMMANDS, Commands, next_steps
from tests.unit.reports.samples import shop_report

ALL = Commands(rerun="pytest --agents --lf", explain="pytest-parallel-agents explain", page="less report.html")


def steps(report: Report, commands: Commands = ALL, width: int = 80) -> list[str]:
    return next_steps(report, first_causes(report), commands, width)


def test_a_place_is_to_be_mended_and_what_failed_to_be_run_again() -> None:
    assert steps(shop_report()) == [
        "next: mend src/shop/cart.py:42, then run again what failed:",
        "      pytest --agents --lf",
        "      pytest-parallel-agents explain 1  # all of the first place",
        "      less report.html                  # the whole run in a browser",
    ]


def test_commands_are_not_wrapped_and_stand_alone_where_there_is_no_room() -> None:
    assert steps(shop_report(), width=40) == [
        "next: mend src/shop/cart.py:42, then run",
        "  again what failed:",
        "      pytest --agents --lf",
        "      pytest-parallel-agents explain 1",
        "      less report.html",
    ]


def test_without_a_cause_it_is_a_check_that_is_explained() -> None:
    first, *others = shop_report().checks
    named = replace(first, nodeid="t.py::test_it[a b]")
    report = replace(shop_report(), causes=(), checks=(named, *others))

    assert steps(report)[0] == "next: run again what failed:"
    assert steps(report)[2].startswith("      pytest-parallel-agents explain 't.py::test_it[a b]'  # ")


@pytest.mark.parametrize("hostile", ["t.py::t[\x1b[2J]", f"t.py::t[{'x' * 1000}]"])
def test_an_id_that_no_command_can_show_is_in_none(hostile: str) -> None:
    first, *others = shop_report().checks
    report = replace(shop_report(), causes=(), checks=(replace(first, nodeid=hostile), *others))

    assert [line.split()[0] for line in steps(report)[1:]] == ["pytest", "less"]


@pytest.mark.parametrize("commands", [ALL, NO_COMMANDS])
def test_there_is_nothing_to_do_after_a_run_that_passed(commands: Commands) -> None:
    passed = tuple(replace(check, outcome=Outcome.PASSED) for check in shop_report().checks)

    assert steps(replace(shop_report(), checks=passed), commands) == []


def test_only_what_is_possible_is_offered() -> None:
    assert steps(shop_report(), NO_COMMANDS) == []
    assert steps(shop_report(), Commands(page="less report.html"))[0] == "next:"


def test_what_failed_in_a_run_that_passed_is_not_to_be_run_again() -> None:
    report = shop_report()

    met = steps(replace(report, causes=(), run=replace(report.run, exit_code=0)))

    assert met[0] == "next:"
    assert [line.split()[0] for line in met[1:]] == ["pytest-parallel-agents", "less"]
