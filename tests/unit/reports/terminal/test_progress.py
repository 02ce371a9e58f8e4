from __future__ import annotations

import msgspec
import pytest

from pytest_parallel_agents.model.results import Outcome, Result
from pytest_parallel_agents.reports.terminal.progress import MOST_RUNNING, Progress, Running
from tests.unit.reports.samples import attempt, check, terminal


def finished(result: Result, *, markup: bool = False) -> str:
    writer, text = terminal(markup=markup)
    Progress(writer).finished(result)
    return text.getvalue()


def quiet(now: float, *running: Running, width: int = 80) -> str:
    writer, text = terminal(width)
    Progress(writer).running(now, running, "3 of 9 checks done")
    return text.getvalue()


def ended(outcome: Outcome) -> Result:
    return Result(
        check=check(0, "tests/test_x.py::test_layering", "review"),
        outcome=outcome,
        attempts=(attempt(1, 2.002, "gw0", outcome),),
    )


@pytest.mark.parametrize(
    ("outcome", "label"),
    [
        (Outcome.PASSED, "PASS"),
        (Outcome.FAILED, "FAIL"),
        (Outcome.ERROR, "ERROR"),
        (Outcome.SKIPPED, "SKIP"),
        (Outcome.XFAILED, "XFAIL"),
        (Outcome.XPASSED, "XPASS"),
        (Outcome.TIMED_OUT, "TIMEOUT"),
        (Outcome.CRASHED, "CRASH"),
        (Outcome.CANCELLED, "CANCEL"),
    ],
)
def test_every_outcome_has_its_line(outcome: Outcome, label: str) -> None:
    assert finished(ended(outcome)) == f"{label:>9} [   1.002s] gw0  review  tests/test_x.py::test_layering\n"


def test_a_check_that_passed_at_last_is_flaky() -> None:
    flaky = Result(
        check=check(0, "t.py::t", retries=2),
        outcome=Outcome.PASSED,
        attempts=(attempt(0, 9, "gw0", Outcome.FAILED), attempt(9, 9.5, "gw12")),
    )

    assert finished(flaky) == "FLAKY 2/3 [   0.500s] gw12 test    t.py::t\n"


def test_why_a_flaky_check_failed_first_is_one_line_that_fits() -> None:
    first, second = (
        msgspec.structs.replace(attempt(start, start + 1, "gw0", Outcome.FAILED), message=message)
        for start, message in ((0, f"Failed: 1 finding\nerror ask: \x1b[2J {'no answer ' * 20}"), (1, "other"))
    )
    flaky = Result(
        check=check(0, "t.py::t", retries=2), outcome=Outcome.PASSED, attempts=(first, second, attempt(2, 3))
    )

    _, line = finished(flaky).splitlines()

    assert line == r"          first failed: Failed: 1 finding error ask: \x1b[2J no answer no ..."
    assert "first failed" not in finished(msgspec.structs.replace(flaky, outcome=Outcome.FAILED))


def test_a_check_that_never_ran_has_no_time_and_no_worker() -> None:
    cancelled = Result(check=check(0, "t.py::t"), outcome=Outcome.CANCELLED)

    assert finished(cancelled) == "   CANCEL [         ] -    test    t.py::t\n"


@pytest.mark.parametrize(
    ("outcome", "start"),
    [
        (Outcome.PASSED, "\x1b[32m     PASS\x1b[0m"),
        (Outcome.FAILED, "\x1b[31m\x1b[1m     FAIL\x1b[0m"),
        (Outcome.SKIPPED, "\x1b[33m     SKIP\x1b[0m"),
    ],
)
def test_the_label_is_coloured(outcome: Outcome, start: str) -> None:
    assert finished(ended(outcome), markup=True).startswith(f"{start} [")


def test_control_characters_in_ids_are_shown() -> None:
    result = Result(check=check(0, "t.py::t[\x1b[2J]"), outcome=Outcome.PASSED, attempts=(attempt(0, 1),))

    assert finished(result).endswith("t.py::t[\\x1b[2J]\n")


def test_quiet_names_running_checks_longest_first() -> None:
    running = [Running(check(1, "t.py::t"), "gw1", 4.0), Running(check(2, "pyproject.toml::ruff"), "gw0", 0.24)]

    assert quiet(12.04, *running) == (
        "  still running after 12 s: gw0 pyproject.toml::ruff (11.8 s), gw1 t.py::t (8.0\n    s); 3 of 9 checks done\n"
    )


def test_quiet_names_only_a_handful() -> None:
    running = [Running(check(number, f"t{number}"), f"gw{number}", number) for number in range(MOST_RUNNING + 2)]

    text = quiet(100, *running, width=200)

    assert text.count(" gw") == MOST_RUNNING
    assert text.endswith("gw4 t4 (96.0 s), and 2 more; 3 of 9 checks done\n")


def test_it_is_reported_that_nothing_runs() -> None:
    assert quiet(12) == "  nothing is running after 12 s; 3 of 9 checks done\n"


def test_how_far_the_run_is_stands_at_the_end_of_the_line() -> None:
    writer, text = terminal(80)
    Progress(writer).finished(ended(Outcome.PASSED), "[ 45%]")
    line = text.getvalue()
    assert line.startswith("     PASS [   1.002s] gw0  review  tests/test_x.py::test_layering  ")
    assert line.endswith(" [ 45%]\n")
    assert len(line) == 80


def test_an_id_has_its_own_line_in_a_narrow_terminal() -> None:
    writer, text = terminal(40)
    Progress(writer).finished(ended(Outcome.PASSED), "[ 45%]")
    Progress(writer).slow(check(0, "t.py::t"), "gw0", 60.0)
    assert text.getvalue().splitlines() == [
        "     PASS [   1.002s] gw0  review",
        "  tests/test_x.py::test_layering [ 45%]",
        "     SLOW [> 60.000s] gw0  test",
        "  t.py::t",
    ]
