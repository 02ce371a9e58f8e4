from __future__ import annotations

import textwrap

import msgspec
import pytest
from msgspec.structs import replace

from pytest_parallel_agents.model.plan import Action
from pytest_parallel_agents.model.results import Evidence, Finding, Frame, Level, Outcome, Result
from pytest_parallel_agents.reports.build import build
from pytest_parallel_agents.reports.causes import Located
from pytest_parallel_agents.reports.report import Baseline, GroupEntry, Report
from pytest_parallel_agents.reports.terminal.findings import MANY_ALIKE, MOST_FINDINGS
from pytest_parallel_agents.reports.terminal.next_steps import Commands
from pytest_parallel_agents.reports.terminal.summary import MOST_CONFLICTS, write_summary
from tests.unit.reports.samples import (
    FACTS,
    attempt,
    check,
    conflict,
    finding,
    located,
    plan,
    shop_report,
    shop_results,
    terminal,
)


def summary(
    report: Report, *, width: int = 80, verbosity: int = 0, markup: bool = False, rerun: str = "pytest --agents --lf"
) -> str:
    writer, text = terminal(width, markup=markup)
    write_summary(report, writer, verbosity=verbosity, commands=Commands(rerun=rerun))
    return text.getvalue()


def test_a_test_is_to_be_looked_at_and_not_mended() -> None:
    finding = Finding(rule="I001", level=Level.ERROR, message="unsorted", path="src/shop/io.py", line=1)
    review = Result(
        check=check(0, "pyproject.toml::ruff", "review"), outcome=Outcome.FAILED, evidence=Evidence(findings=(finding,))
    )
    test = Result(
        check=check(1, "tests/test_cart.py::test_total", "test"),
        outcome=Outcome.FAILED,
        message="assert 1 == 2",
        evidence=Evidence(frames=(Frame("tests/test_cart.py", 5),)),
    )
    results = [review, test]
    report = build(FACTS, plan(results), results, located(results))

    shown = " ".join(summary(report).split())
    assert (
        "1. tests/test_cart.py:5 <module> [test] test test_total failed here: assert 1 == 2 test test_total names it:"
        " cart score 1.30 = traceback 1.00 + words 0.30"
        " 2. src/shop/io.py:1" in shown
    )
    assert "no cause known tests/test_cart.py::test_total: no code of the project is on its stack" in shown
    assert "next: see why test_total fails at tests/test_cart.py:5, then run again what failed:" in shown


def test_a_file_that_could_not_be_collected_is_to_be_mended() -> None:
    broken = Result(
        check=check(0, "tests/test_cart.py", "test"),
        outcome=Outcome.ERROR,
        message="ImportError",
        evidence=Evidence(frames=(Frame("tests/test_cart.py", 1),)),
    )
    report = build(FACTS, plan([broken]), [broken], located([broken]))

    assert "next: mend tests/test_cart.py:1, then run again what failed:" in summary(report)


def reviewed(*findings: Finding) -> Report:
    result = Result(
        check=check(0, "pyproject.toml::mypy", "review"), outcome=Outcome.FAILED, evidence=Evidence(findings=findings)
    )
    return build(FACTS, plan([result]), [result], located([result]))


def test_the_summary_shows_where_to_look_what_was_found_and_what_was_gained() -> None:
    assert summary(shop_report()) == textwrap.dedent("""\
        =============================== parallel agents ================================
        look here first
          1. src/shop/cart.py:42 total  [test + review + profile]
               test     test_total failed here: ZeroDivisionError: division by zero
               review   mypy: "int" has no attribute "rate"; maybe "rates"?
                        [attr-defined]
               profile  30% of self time in test_speed
               42 | return sum(items) / rate
               score 1.61 = traceback 1.00 + words 0.60 + findings 0.01; 3 kinds of
                 evidence agree: traceback, words, findings
          2. src/shop/io.py:1 <module>  [review]

        further findings
          (no file)
               -  note     mypy: configuration has unused section [stale]
          src/shop/io.py
               -  note     mypy: Use of assert detected [S101]
               1  warning  mypy: `os` imported but unused [F401]

        conflicts
          kept apart  pyproject.toml::mypy and tests/test_cart.py::test_total: both
                      write db

        measurements
          tests/test_cart.py::test_speed: 10 calls, peak 1.0 kB, 9.00 s beside 1 check
          (CPU share 100%)

        3 checks in 15.0 s on 3 workers (about 23.0 s one after another)

        next: mend src/shop/cart.py:42, then run again what failed:
              pytest --agents --lf
        """)


def test_a_narrow_terminal_keeps_places_whole() -> None:
    text = summary(shop_report(), width=40)

    assert "src/shop/cart.py:42 total" in text
    assert (
        textwrap.dedent("""\
        review   mypy: "int" has no
                        attribute "rate"; maybe
                        "rates"? [attr-defined]
        """)
        in text
    )


@pytest.mark.parametrize("verbosity", [-2, -1, 0])
def test_no_word_is_broken_in_a_narrow_terminal(verbosity: int) -> None:
    text = summary(shop_report(), width=40, verbosity=verbosity)

    assert [line for line in text.splitlines() if len(line) > 40 and " " in line.strip()] == []


def test_verbose_shows_how_near_it_came_to_the_best_possible() -> None:
    assert summary(shop_report(), verbosity=1, rerun="").splitlines()[-2:] == [
        "3 checks in 15.0 s on 3 workers (about 23.0 s one after another)",
        "lower bound 10.0 s (efficiency 67%), start skew 10.0 s",
    ]


def test_quiet_leaves_only_where_to_look_and_what_was_gained() -> None:
    assert summary(shop_report(), verbosity=-1) == textwrap.dedent("""\
        =============================== parallel agents ================================
        look here first
          1. src/shop/cart.py:42 total  [test + review + profile]
          2. src/shop/io.py:1 <module>  [review]
        3 checks in 15.0 s on 3 workers (about 23.0 s one after another)
        """)
    assert summary(shop_report(), verbosity=-2) == (
        "look here first: src/shop/cart.py:42 total [test + review + profile]\n"
    )


def test_markup_goes_through_the_terminal_writer() -> None:
    assert "\x1b[1msrc/shop/cart.py:42 total\x1b[0m" in summary(shop_report(), markup=True)


def test_a_run_of_nothing_writes_nothing() -> None:
    assert summary(build(FACTS, None, [], Located())) == ""


def slow_tests(*attempts: tuple[float, float], exit_code: int = 0) -> str:
    tests = [
        replace(shop_results()[2], check=check(index, f"t{index}"), attempts=(one,), evidence=Evidence())
        for index, one in enumerate(attempt(*span, f"gw{index}") for index, span in enumerate(attempts))
    ]
    return summary(build(replace(FACTS, exit_code=exit_code), plan(tests), tests, Located()))


def test_the_gain_is_shown_only_where_there_is_one() -> None:
    gain = "2 checks in 2.0 s on 2 workers (about 4.0 s one after another)"
    assert slow_tests((0, 2), (0, 2)).splitlines()[1:] == [gain]
    assert slow_tests((0, 2)) == ""
    assert slow_tests((0, 2), (1.99, 4)) == ""
    assert slow_tests((0, 2), (0, 2), exit_code=2) == ""


def test_findings_beyond_the_first_causes_are_grouped_by_file() -> None:
    # Graver places are the ones to look at first, of which the second has no room for its finding.
    others = [finding("E", Level.ERROR, "bad", f"other{number}.py", 1) for number in range(2)]
    text = summary(
        reviewed(
            *others,
            finding("W2", Level.WARNING, "second", "src/b.py", 7),
            finding("W1", Level.WARNING, "first", "src/a.py", 3),
            finding("N1", Level.NOTE, "third", "src/b.py", 123456),
        )
    )

    assert (
        textwrap.dedent("""\
        further findings
          other1.py
               1  error    mypy: bad [E]
          src/a.py
               3  warning  mypy: first [W1]
          src/b.py
               7  warning  mypy: second [W2]
          123456  note     mypy: third [N1]

        """)
        in text
    )


def test_when_all_is_well_findings_are_listed_without_a_place_to_look_first() -> None:
    failing = reviewed(finding("F401", Level.WARNING, "unused", "src/shop/cart.py", 41))
    well = msgspec.structs.replace(
        failing, checks=tuple(msgspec.structs.replace(each, outcome=Outcome.PASSED) for each in failing.checks)
    )
    found = failing.checks[0].findings
    known = Baseline(new=(), fixed=(), unchanged=tuple(each.fingerprint for each in found), regressions=())

    assert "look here first" in summary(failing)
    assert "look here first" not in summary(well)
    assert "\nfindings\n" in summary(well)
    assert "look here first" not in summary(replace(well, baseline=known))
    assert "look here first" in summary(replace(well, baseline=replace(known, new=found, unchanged=())))


def test_the_same_text_at_another_line_is_shown_too() -> None:
    findings = [finding("D103", Level.ERROR, "no docstring", "src/shop/cart.py", line) for line in (40, 44)]
    report = reviewed(*findings)
    first_only = msgspec.structs.replace(report, causes=report.causes[:1])

    assert "      44  error    mypy: no docstring [D103]" in summary(first_only)
    assert "      40  error" not in summary(first_only)


def test_many_alike_are_one_line_with_their_count_and_a_message() -> None:
    long = [finding("E501", Level.ERROR, f"too long ({n})", f"src/{n % 7}.py", n + 1) for n in range(5000)]
    others = [finding("E1", Level.ERROR, "bad", "src/z.py", n + 1) for n in range(MANY_ALIKE - 1)]
    text = summary(reviewed(*long, *others))

    assert text.count("too long") == 1 + 3  # those of the first place
    assert "  4,997 findings of one rule in 7 files, first at src/0.py:" in text
    assert text.count("bad [E1]") == len(others)
    assert "more (-v" not in text


def test_a_clue_represents_one_of_the_equal_findings_of_a_function() -> None:
    many = [finding("U", Level.ERROR, "has no attribute", "src/shop/cart.py", 41)]
    many += [finding("U", Level.ERROR, "has no attribute", "src/shop/cart.py", 42) for _ in range(4)]

    text = summary(reviewed(*many))

    assert text.count("has no attribute") == len(many)
    assert text.count("      42  error ") == 2


def test_findings_are_capped_gravest_first_and_verbose_lists_all() -> None:
    notes = [finding(f"N{number}", Level.NOTE, str(number), None, None) for number in range(MOST_FINDINGS)]
    report = reviewed(*notes, *(finding("E", Level.ERROR, str(number), None, None) for number in range(2)))

    assert summary(report).count("  note  ") == MOST_FINDINGS - 2
    assert summary(report).count("  error  ") == 2
    assert "  ... and 2 more (-v lists all)\n" in summary(report)
    assert summary(report, verbosity=1).count("  note  ") == MOST_FINDINGS
    assert "more" not in summary(report, verbosity=1)


def test_conflicts_that_were_not_kept_apart_come_first() -> None:
    results = shop_results()
    known = [conflict(f"a{number}", "b") for number in range(MOST_CONFLICTS)]
    report = build(FACTS, plan(results, *known, conflict("seen", "b", Action.REPORTED)), results, Located())

    lines = summary(report).splitlines()

    start = lines.index("conflicts")
    assert lines[start + 1] == "  not kept apart  seen and b: both write db"
    assert lines[start + 1 + MOST_CONFLICTS] == "  ... and 1 more (-v lists all)"


@pytest.mark.parametrize("verbosity", [-1, 0, 1])
def test_control_characters_of_checks_never_reach_the_terminal(verbosity: int) -> None:
    evil = "\x1b]0;owned\x07"
    report = reviewed(
        finding(evil, Level.ERROR, f"{evil}\rspoofed", f"{evil}.py", 1), finding(evil, Level.NOTE, evil, None, None)
    )

    text = summary(report, verbosity=verbosity)

    assert all(line.isprintable() for line in text.splitlines())
    assert "\\x1b]0;owned\\x07" in text


def two_reviews(*findings: Finding, look_first: bool = False) -> Report:
    """Of `mypy`, which found the first, and of `ty`, which found the rest."""
    results = [
        Result(
            check=check(index, f"pyproject.toml::{name}", "review"),
            outcome=Outcome.FAILED,
            evidence=Evidence(findings=told),
        )
        for index, (name, told) in enumerate({"mypy": findings[:1], "ty": findings[1:]}.items())
    ]
    return build(FACTS, plan(results), results, located(results) if look_first else Located())


def at_41(rule: str, level: Level, message: str) -> Finding:
    return finding(rule, level, message, "src/shop/cart.py", 41)


def test_what_two_checks_found_together_is_listed_once() -> None:
    text = summary(
        two_reviews(
            at_41("return-value", Level.WARNING, "Incompatible return value"),
            at_41("invalid-return-type", Level.ERROR, "Return type does not match"),
            at_41("unused", Level.ERROR, "Never used"),
        )
    )

    assert (
        textwrap.dedent("""\
            findings
              src/shop/cart.py
                  41  error    ty + mypy: Return type does not match [invalid-return-type];
                               Incompatible return value [return-value]
                  41  error    ty: Never used [unused]
            """)
        in text
    )


def test_each_check_keeps_its_own_findings() -> None:
    report = two_reviews(at_41("a", Level.ERROR, "m"), at_41("b", Level.ERROR, "m"))

    assert "mypy + ty: m [a, b]" in summary(report)
    assert [[found.rule for found in each.findings] for each in report.checks] == [["a"], ["b"]]


def test_a_finding_of_two_checks_in_a_cause_is_not_listed_again() -> None:
    report = two_reviews(at_41("a", Level.ERROR, "m"), at_41("b", Level.ERROR, "n"), look_first=True)

    text = summary(report)

    assert text.count("mypy + ty: m [a]; n [b]") == 1
    assert "findings" not in text


def test_one_empty_line_follows_groups() -> None:
    met = GroupEntry(name="solvers", wait="any", passed=True, decided_by="t.py::a", seconds=0.3, members=("t.py::a",))

    text = summary(replace(shop_report(), groups=(met,)))

    assert "group solvers (wait any): " in text
    assert "\n\n\n" not in text
