from __future__ import annotations

from pytest_parallel_agents.agents.output import Output


def output(stdout: str = "", stderr: str = "") -> Output:
    return Output(exit_code=1, stdout=stdout, stderr=stderr)


def test_the_tail_names_the_streams_that_said_something() -> None:
    assert output("a\nb\n", "c\n").tail() == "--- stdout\na\nb\n--- stderr\nc"
    assert output(" \n", "c").tail() == "--- stderr\nc"
    assert output().tail() == ""


def test_the_tail_keeps_the_last_lines() -> None:
    tail = output("\n".join(str(number) for number in range(100))).tail().splitlines()

    assert tail[:3] == ["--- stdout", "[...]", "70"]
    assert tail[-1] == "99"


def test_the_tail_of_a_very_long_line_is_short() -> None:
    tail = output("x" * 10**6 + "y").tail()

    assert len(tail) < 4000
    assert tail.endswith("xy")


def test_the_last_line_is_that_of_stderr_if_it_has_any() -> None:
    assert output("a\nb\n").last_line() == "b"
    assert output("a", "c\nd\n\n").last_line() == "d"
    assert output().last_line() == ""
