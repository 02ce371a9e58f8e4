from __future__ import annotations

from textwrap import dedent

import pytest

from benchmarks import junit


def suite(*cases: str, tests: int | None = None) -> junit.Suite:
    count = len(cases) if tests is None else tests
    return junit.parse(
        f'<testsuites><testsuite tests="{count}" failures="0" errors="0" skipped="0">{"".join(cases)}'
        "</testsuite></testsuites>"
    )


def case(name: str = "test_a", inside: str = "") -> str:
    return f'<testcase classname="tests.test_x" name="{name}">{inside}</testcase>'


FAILURE = '<failure message="assert 1 == 2">long text</failure>'
XFAIL = '<skipped type="pytest.xfail" message="known"/>'


@pytest.mark.parametrize(
    ("inside", "outcome", "message"),
    [
        ("", "passed", ""),
        (FAILURE, "failure", "assert 1 == 2"),
        ('<error message="in setup"/>', "error", "in setup"),
        ('<skipped type="pytest.skip" message="no GPU"/>', "skipped", "no GPU"),
        (XFAIL, "xfailed", "known"),
    ],
)
def test_a_case_has_an_outcome_and_a_message(inside: str, outcome: str, message: str) -> None:
    [parsed] = suite(case(inside=inside)).cases["tests.test_x::test_a"]
    assert (parsed.outcome, parsed.message) == (outcome, message)


def test_captured_output_is_both_streams() -> None:
    [parsed] = suite(case(inside="<system-out>a</system-out><system-err>b</system-err>")).cases["tests.test_x::test_a"]
    assert parsed.output == "ab"


def test_a_test_may_have_several_cases() -> None:
    serial = suite(case(inside=FAILURE), case(inside='<error message="teardown"/>'))
    candidate = suite(case(inside=FAILURE), tests=2)
    assert junit.differences(serial, candidate) == [
        "outcome of tests.test_x::test_a: serial error and failure, candidate failure"
    ]


def test_equal_runs_have_no_differences() -> None:
    assert junit.differences(suite(case(), case("test_b")), suite(case("test_b"), case())) == []


def test_a_test_that_did_not_run_is_absent() -> None:
    assert junit.differences(suite(case(), case("test_b")), suite(case("test_b"))) == [
        "JUnit count of tests: serial 2, candidate 1",
        "outcome of tests.test_x::test_a: serial passed, candidate absent",
    ]


def test_another_message_is_a_difference_although_the_outcome_is_the_same() -> None:
    serial, candidate = (suite(case(inside=f'<skipped message="{reason}"/>')) for reason in ("no GPU", "no CPU"))
    [difference] = junit.differences(serial, candidate)
    assert difference.startswith("message of tests.test_x::test_a:")
    assert "-no GPU\n+no CPU" in difference


def test_where_pytest_cuts_a_message_is_no_difference() -> None:
    def failed(message: str) -> junit.Suite:
        return suite(case(inside=f'<failure message="{message}">long text</failure>'))

    whole, cut = "first&#10;second&#10;third", "first&#10;[+2 more lines; full report in element text]"
    assert junit.differences(failed(whole), failed(cut)) == []
    assert len(junit.differences(failed(whole), failed(cut.replace("first", "other")))) == 1
    assert len(junit.differences(failed(whole), failed("first"))) == 1
    assert len(junit.differences(failed(cut), failed("fir"))) == 1


def test_output_is_shown_as_a_diff_of_bounded_length() -> None:
    serial = suite(case(inside="<system-out>same\nold</system-out>"))
    news = "new\n" * 50
    candidate = suite(case(inside=f"<system-out>same\n{news}</system-out>"))
    [difference] = junit.differences(serial, candidate)
    assert "-old\n+new" in difference
    assert difference.splitlines()[-1] == "... 43 more lines"


def test_unstable_tests_are_ignored_and_with_them_the_counts() -> None:
    first, second = suite(case(), case("test_b")), suite(case(inside=FAILURE), case("test_b"))
    ignored = junit.unstable(first, second)
    assert ignored == {"tests.test_x::test_a"}
    assert junit.differences(first, suite(case("test_b")), ignored=ignored) == []
    assert junit.differences(first, suite(case()), ignored=ignored) == [
        "outcome of tests.test_x::test_b: serial passed, candidate absent"
    ]


def test_of_unstable_texts_the_outcome_is_compared() -> None:
    first, second = (suite(case(inside=f'<skipped message="{reason}"/>')) for reason in ("at 1", "at 2"))
    texts = junit.unstable_texts(first, second)
    assert not junit.unstable(first, second)
    assert texts == {"tests.test_x::test_a"}
    assert junit.differences(first, second, texts_ignored=texts) == []
    assert junit.differences(first, suite(case()), texts_ignored=texts) == [
        "outcome of tests.test_x::test_a: serial skipped, candidate passed"
    ]


@pytest.mark.parametrize(
    ("text", "stable"),
    [
        ("<Cart object at 0x7f1a4414ee90>", "<Cart object at <address>>"),
        ("'/tmp/pytest-of-root/pytest-3/popen-gw1/test_a0/x'", "'<tmp>/test_a0/x'"),
        ("/var/f/pytest-of-root/pytest-3/test_a0", "<tmp>/test_a0"),
        ("in /tmp/tmpab_12/x", "in <tmp>/x"),
        ("took 0.25s or 12.5 ms", "took <duration> or <duration>"),
        ("at 1795489358.4210", "at <timestamp>"),
        ("pid=4711 PID 12", "pid=<pid> PID <pid>"),
        ("0x10 of 1.5 apples, version 1.2.3", "0x10 of 1.5 apples, version 1.2.3"),
    ],
)
def test_volatile_text_is_replaced(text: str, stable: str) -> None:
    assert junit.without_volatile(text) == stable


def test_counts_of_several_suites_are_added() -> None:
    xml = dedent("""
        <testsuites>
          <testsuite tests="3" failures="1" errors="0" skipped="1"/>
          <testsuite tests="2" failures="0" errors="1" skipped="0"/>
        </testsuites>
    """)
    assert junit.parse(xml).counts == {"tests": 5, "failures": 1, "errors": 1, "skipped": 1}
