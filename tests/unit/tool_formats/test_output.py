from __future__ import annotations

import pytest

from pytest_parallel_agents.tool_formats.output import Output


def output(stdout: str = "", stderr: str = "") -> Output:
    return Output(exit_code=1, stdout=stdout, stderr=stderr)


def test_the_tail_names_the_streams_with_output() -> None:
    assert output("a\nb\n", "c\n").tail() == "--- stdout\na\nb\n--- stderr\nc"
    assert output(" \n", "c").tail() == "--- stderr\nc"
    assert output().tail() == ""


def test_the_last_lines_are_quoted() -> None:
    tail = output("\n".join(str(number) for number in range(100))).tail().splitlines()

    assert tail[:3] == ["--- stdout", "[...]", "82"]
    assert tail[-1] == "99"


def test_the_first_line_that_names_an_error_is_quoted_with_those_behind_it() -> None:
    lines = [f"reading {number}" for number in range(1000)]
    lines[3] = "error: the 3rd one is bad"
    lines[7] = "error: and so is this"

    told = output(stderr="\n".join(lines))

    assert told.reason() == "error: the 3rd one is bad"
    assert told.tail().splitlines()[1:5] == ["[...]", "error: the 3rd one is bad", "reading 4", "reading 5"]
    assert told.tail().count("[...]") == 2
    assert told.tail().endswith("reading 999")


@pytest.mark.parametrize(
    ("stderr", "reason"),
    [
        ("usage: x [-h]\nx: error: unrecognized arguments: --y\n", "x: error: unrecognized arguments: --y"),
        ("Loading\nTraceback (most recent call last):\n  File 'a'\n    f()\nKeyError: 3\n", "KeyError: 3"),
        ("begin\nno network\n", "no network"),
        ("", "0 errors, it seems"),
    ],
)
def test_the_reason(stderr: str, reason: str) -> None:
    assert output("0 errors, it seems", stderr).reason() == reason


def test_what_was_printed_beside_the_document_is_quoted_before_it() -> None:
    other_text = Output(exit_code=1, stdout="[]", stderr="", other_text="hook")

    assert other_text.tail() == "--- stdout\nhook\n[]"


def test_the_tail_of_a_very_long_line_is_short() -> None:
    tail = output("x" * 10**6 + "y").tail()

    assert len(tail) < 4000
    assert tail.endswith("xy")


def test_the_last_line_is_that_of_stderr_if_it_has_any() -> None:
    assert output("a\nb\n").last_line() == "b"
    assert output("a", "c\nd\n\n").last_line() == "d"
    assert output().last_line() == ""
