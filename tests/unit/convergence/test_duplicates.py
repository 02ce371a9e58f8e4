from __future__ import annotations

from collections import Counter
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.convergence.duplicates import MOST_PAIRS, Sighting, likeness, merged
from pytest_parallel_agents.model.results import Finding, Level

Seen = Sighting[Finding]


def seen(
    check: str, rule: str, message: str = "", *, line: int | None = 1, path: str | None = "a.py", **more: object
) -> Seen:
    level = Level(str(more.get("level", "warning")))
    end_line = more.get("end_line")
    assert end_line is None or isinstance(end_line, int)
    finding = Finding(rule=rule, level=level, message=message, path=path, line=line, end_line=end_line)
    return Sighting(check, check, finding)


def rules(*sightings: Seen) -> list[list[str]]:
    """Which rules are one."""
    return [[sighting.finding.rule for sighting in one] for one in merged(sightings)]


def test_two_checks_at_one_line_mean_the_same() -> None:
    ruff = seen("ruff", "E501", "Line too long (130 > 120)")
    pylint = seen("pylint", "line-too-long", "Line too long (130/120)")

    assert merged([ruff, pylint]) == ((pylint, ruff),)


def test_words_need_not_be_equal_at_one_line() -> None:
    assert rules(seen("mypy", "return-value", "Incompatible"), seen("ty", "invalid-return-type", "No")) == [
        ["return-value", "invalid-return-type"]
    ]


def test_what_one_check_tells_apart_stays_apart() -> None:
    assert rules(seen("ruff", "E501", "Line too long"), seen("ruff", "F401", "Line too long")) == [["E501"], ["F401"]]


def test_the_words_decide_where_there_is_a_choice() -> None:
    mine = [seen("ruff", "E501", "Line too long"), seen("ruff", "F401", "`os` imported but unused")]
    theirs = [seen("pylint", "unused-import", "Unused import os"), seen("pylint", "line-too-long", "Line is too long")]

    assert rules(*mine, *theirs) == [["line-too-long", "E501"], ["unused-import", "F401"]]


def test_one_more_than_there_are_to_join_stays_alone() -> None:
    mine = [seen("ruff", "E501", "Line too long"), seen("ruff", "F401", "`os` imported but unused")]

    assert rules(*mine, seen("pylint", "unused-import", "Unused import os")) == [["unused-import", "F401"], ["E501"]]


def test_the_gravest_stands_for_all() -> None:
    assert rules(seen("a", "x"), seen("b", "y", level="error"), seen("c", "z", level="note")) == [["y", "x", "z"]]


def test_lines_that_overlap_need_words_in_common() -> None:
    block = seen("mypy", "call", "Argument has a wrong type", line=3, end_line=7)

    assert rules(block, seen("ty", "arg", "Argument has wrong type", line=5)) == [["call", "arg"]]
    assert rules(block, seen("ty", "call", "Whatever", line=7)) == [["call", "call"]]
    assert rules(block, seen("ruff", "E501", "Line too long", line=5)) == [["call"], ["E501"]]
    assert rules(block, seen("ty", "arg", "Argument has wrong type", line=8)) == [["call"], ["arg"]]


def test_of_a_whole_file_need_words_in_common() -> None:
    assert rules(
        seen("black", "format", "would reformat", line=None),
        seen("yapf", "style", "would reformat", line=None),
        seen("ruff", "D100", "Missing docstring", line=None),
    ) == [["format", "style"], ["D100"]]


@pytest.mark.parametrize("places", [("a.py", "b.py"), (None, None)])
def test_other_files_and_no_file_stay_apart(places: tuple[str | None, str | None]) -> None:
    assert len(merged([seen("a", "x", path=places[0]), seen("b", "x", path=places[1])])) == 2


def test_a_line_with_very_many_findings_is_left_alone() -> None:
    most = int(MOST_PAIRS**0.5) + 1
    many = [seen(check, f"rule{number}", str(number)) for check in "ab" for number in range(most)]

    assert len(merged(many)) == 2 * most


def test_likeness() -> None:
    assert likeness(seen("a", "x", "two words"), seen("b", "x", "other ones")) == 1.0
    assert likeness(seen("a", "x", "two words 12"), seen("b", "y", "Two WORDS 13")) == 0.5
    assert likeness(seen("a", ""), seen("b", "1")) == 0.0


sightings = st.lists(
    st.builds(
        seen,
        st.sampled_from("abc"),
        st.sampled_from(["r", "s", "t"]),
        st.sampled_from(["one two", "two three", "four", ""]),
        line=st.none() | st.integers(1, 4),
        path=st.none() | st.sampled_from(["a.py", "b.py"]),
        level=st.sampled_from(Level),
        end_line=st.none() | st.integers(1, 6),
    ),
    max_size=12,
)


@given(sightings)
def test_each_is_in_one_and_no_check_is_twice_in_it(drawn: list[Seen]) -> None:
    ones = merged(drawn)

    assert Counter(chain.from_iterable(ones)) == Counter(drawn)
    for one in ones:
        assert len({sighting.check for sighting in one}) == len(one)
        assert len({sighting.finding.path for sighting in one}) == 1
        assert one[0].finding.level.severity == max(sighting.finding.level.severity for sighting in one)
        assert any(all(_touch(each, other) for other in one) for each in one)


@given(st.data(), sightings)
def test_the_order_does_not_matter(data: st.DataObject, drawn: list[Seen]) -> None:
    assert merged(data.draw(st.permutations(drawn))) == merged(drawn)


@given(sightings)
def test_what_two_checks_say_alike_is_one(drawn: list[Seen]) -> None:
    mine = [Sighting("a", "a", sighting.finding) for sighting in drawn if sighting.finding.path]
    theirs = [Sighting("b", "b", sighting.finding) for sighting in mine]

    assert len(merged([*mine, *theirs])) == len(mine)


def _touch(one: Seen, other: Seen) -> bool:
    lines = [(each.finding.line or 0, each.last_line) for each in (one, other)]
    return lines[0][0] <= lines[1][1] and lines[1][0] <= lines[0][1]
