from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.tables import Table
from pytest_parallel_agents.tool_formats import regex
from pytest_parallel_agents.tool_formats.output import Output, Unreadable

ROOT = Path("/root-of-the-project")


def output(text: str, *, exit_code: int = 0, stderr: str = "") -> Output:
    return Output(exit_code=exit_code, stdout=text, stderr=stderr)


def regex_table(pattern: str) -> Table:
    return Table({"pattern": pattern}, where="x.toml: t", faults=[])


def read_regex(pattern: str, text: str, stderr: str = "") -> Evidence:
    table = regex_table(pattern)
    read = regex.configured(table)
    assert table.faults == []
    return read(output(text, stderr=stderr), ROOT)


def test_regex_reads_named_groups_line_by_line() -> None:
    pattern = r"^(?P<path>[^:]+):(?P<line>\d+)-(?P<end_line>\d+): (?P<level>\w+) (?P<rule>\w+): (?P<message>.*)$"

    evidence = read_regex(pattern, "chatter\n./a.py:3-4: Note R: m \n", stderr="b.py:1-1: odd R: m\n")

    assert evidence.findings == (
        Finding(rule="R", level=Level.NOTE, message="m", path="a.py", line=3, end_line=4),
        Finding(rule="R", level=Level.ERROR, message="m", path="b.py", line=1, end_line=1),
    )


def test_regex_without_groups_takes_the_match_for_the_message() -> None:
    assert read_regex("T[O]DO.*", "# TODO: all").findings == (Finding(rule="", level=Level.ERROR, message="TODO: all"),)


def test_regex_refuses_a_line_that_is_no_number() -> None:
    with pytest.raises(Unreadable, match="takes 'x' for a line number"):
        read_regex("(?P<line>.)", "x")


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("", 'x.toml: t.pattern is missing: the format "regex" needs it'),
        ("(", "x.toml: t.pattern is no regular expression: missing ), unterminated subpattern at position 0"),
        ("(?P<lines>.)", 'x.toml: t.pattern has a group "lines" that means nothing (did you mean "line"?)'),
    ],
)
def test_regex_faults(pattern: str, fault: str) -> None:
    table = regex_table(pattern)

    regex.configured(table)

    (told,) = table.faults
    assert str(told).startswith(fault)
