from __future__ import annotations

import msgspec

from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.reports.entries_of_checks import AttemptEntry, FailureEntry, SectionEntry
from pytest_parallel_agents.reports.explanations import explanation
from pytest_parallel_agents.reports.naming import named
from pytest_parallel_agents.reports.report import Report

from .samples import shop_report

REPORT = shop_report()


def explained(what: str, report: Report = REPORT) -> list[str]:
    return explanation(report, named(report, what))


def test_a_cause_is_shown_with_its_place_its_evidence_and_its_failures() -> None:
    lines = explained("total")

    assert lines[0] == "src/shop/cart.py:40-42 total"
    assert lines[1].startswith("mend src/shop/cart.py:4")
    assert any(line.startswith("score ") for line in lines)
    assert "    42 | return sum(items) / rate" in lines
    evidence = lines[lines.index("evidence:") + 1 :]
    assert len([line for line in evidence if "(weight" in line]) == len(REPORT.causes[0].evidence)
    assert "- tests/test_cart.py::test_total [test]: ZeroDivisionError: division by zero" in lines


def test_a_failed_check_is_shown_whole() -> None:
    mypy, total, speed = REPORT.checks
    failure = FailureEntry(
        text="def test_total():\n>   total([])\nE   ZeroDivisionError",
        sections=(SectionEntry(name="Captured stdout call", text="out\nmore"),),
    )
    tries = tuple(
        AttemptEntry(outcome=Outcome.FAILED, worker=f"gw{n}", start=n, stop=n + 1, message="why") for n in (1, 2)
    )
    total = msgspec.structs.replace(
        total, failure=failure, attempts=tries, notes=("left a process",), alone=Outcome.PASSED, reproduce="pytest x"
    )

    lines = explained("test_total", msgspec.structs.replace(REPORT, checks=(mypy, total, speed)))

    assert lines == [
        "failed: tests/test_cart.py::test_total [test] in 5.0 s on gw1",
        "run it again: pytest x",
        "cause 1 may explain it: src/shop/cart.py:42 total",
        "attempt 1 on gw1: failed in 1.0 s why",
        "attempt 2 on gw2: failed in 1.0 s why",
        "once more, alone: passed",
        "note: left a process",
        "",
        "def test_total():",
        ">   total([])",
        "E   ZeroDivisionError",
        "",
        "Captured stdout call:",
        "out",
        "more",
    ]


def test_findings_are_all_there_unless_the_text_has_them() -> None:
    assert explained("mypy")[1:] == [
        "",
        "4 findings:",
        'src/shop/cart.py:41: error attr-defined: "int" has no attribute "rate"; maybe "rates"?',
        "src/shop/io.py:1: warning F401: `os` imported but unused",
        "src/shop/io.py:-: note S101: Use of assert detected",
        "(no file):-: note stale: configuration has unused section",
        "",
        "2 errors",
    ]
    mypy, *others = REPORT.checks
    text = "\n".join(finding.message for finding in mypy.findings)
    mypy = msgspec.structs.replace(mypy, failure=FailureEntry(text=text, sections=()))

    assert explained("mypy", msgspec.structs.replace(REPORT, checks=(mypy, *others)))[2:] == text.split("\n")


def test_control_characters_are_escaped() -> None:
    mypy, total, speed = REPORT.checks
    hostile = msgspec.structs.replace(total, message="\x1b[2J\u202eup\nnext\r")

    lines = explained("test_total", msgspec.structs.replace(REPORT, checks=(mypy, hostile, speed)))

    assert lines[-2:] == [r"\x1b[2J\u202eup", r"next\r"]
