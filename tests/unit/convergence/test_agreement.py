from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.convergence.agreement import MOST_TOGETHER, Ballot, agreements
from pytest_parallel_agents.model.results import Agreement, Finding, Level


def finding(
    rule: str = "leak",
    line: int | None = 5,
    end_line: int | None = None,
    *,
    level: Level = Level.ERROR,
    path: str | None = "a.py",
) -> Finding:
    return Finding(rule=rule, level=level, message="m", path=path, line=line, end_line=end_line)


def functions_of_ten_lines(path: str, line: int) -> str:
    return f"function_{line // 10}"


def agreed(*ballots: Sequence[Finding], agree: int = 2) -> list[tuple[tuple[int, ...], Level, bool]]:
    """Who votes for each agreement, its level, and whether it counts. Errors are grave."""
    return [(each.voters, each.finding.level, each.counts) for each in found(*ballots, agree=agree)]


def found(*ballots: Sequence[Finding], agree: int = 2) -> tuple[Agreement, ...]:
    cast = [
        Ballot(voter, tuple(findings), [each for each in findings if each.level is Level.ERROR])
        for voter, findings in enumerate(ballots)
    ]
    return agreements(cast, agree, functions_of_ten_lines)


def test_findings_with_a_line_in_common_are_one() -> None:
    assert agreed([finding(line=2, end_line=4)], [finding(line=4)]) == [((0, 1), Level.ERROR, True)]
    assert agreed([finding(line=2, end_line=4)], [finding(line=5)]) == [
        ((0,), Level.NOTE, False),
        ((1,), Level.NOTE, False),
    ]


def test_another_rule_function_or_file_is_another_finding() -> None:
    others = [finding("race"), finding(path="b.py"), finding(line=15), finding(path=None), finding(line=None)]
    for other in others:
        assert len(agreed([finding(line=5, end_line=18)], [other])) == 2


def test_the_words_of_a_rule_may_be_separated_in_any_way() -> None:
    assert len(agreed([finding("resource-leak")], [finding("Resource leak")], [finding("resource_leak")])) == 1


def test_findings_without_a_line_or_a_file_agree_with_each_other() -> None:
    assert agreed([finding(line=None)], [finding(line=None)]) == [((0, 1), Level.ERROR, True)]
    assert agreed([finding(path=None, line=None)], [finding(path=None, line=None)]) == [((0, 1), Level.ERROR, True)]


def test_a_chain_agrees_where_it_has_a_line_in_common() -> None:
    """The first and the last have no line in common, so they do not agree through the one between them."""
    chain = [[finding(line=1, end_line=3)], [finding(line=3, end_line=6)], [finding(line=6, end_line=8)]]
    assert agreed(*chain, agree=3) == [((0, 1), Level.NOTE, False), ((2,), Level.NOTE, False)]


def test_one_voter_has_one_vote() -> None:
    assert agreed([finding(), finding(), finding()], []) == [((0,), Level.NOTE, False)]


def test_its_level_is_that_on_which_enough_agree() -> None:
    warning = finding(level=Level.WARNING)
    assert agreed([finding()], [warning]) == [((0, 1), Level.WARNING, False)]
    assert agreed([finding()], [finding()], [warning]) == [((0, 1, 2), Level.ERROR, True)]
    assert agreed([finding()], [warning], [finding(level=Level.NOTE)]) == [((0, 1, 2), Level.WARNING, False)]


def test_grave_findings_decide_which_lines_meet() -> None:
    """Three voters name line 3, and two find line 6 grave: these must not be divided among the others."""
    ballots = [
        [finding(line=3, end_line=6)],
        [finding(line=6)],
        [finding(line=3, level=Level.NOTE)],
        [finding(line=3, level=Level.NOTE)],
    ]
    assert agreed(*ballots)[0] == ((0, 1), Level.ERROR, True)


def test_what_counts_comes_first() -> None:
    one, other = [finding("a"), finding("z")], [finding("z")]
    assert [each.finding.rule for each in found(one, other)] == ["z", "a"]


@pytest.mark.slow
def test_many_findings_are_divided_without_trying_every_line_against_every_other() -> None:
    many = [finding(line=line, end_line=line + 1) for line in range(1, 10 * MOST_TOGETHER)]
    assert sum(len(each.sightings) for each in found(many, many)) == 2 * len(many)


LINES = st.integers(1, 12)
FINDINGS = st.builds(
    lambda rule, line, more, level: finding(rule, line, line + more, level=level),
    st.sampled_from(["leak", "race"]),
    LINES,
    st.integers(0, 4),
    st.sampled_from(Level),
)


@given(st.lists(st.lists(FINDINGS, max_size=4), min_size=1, max_size=4), st.integers(1, 4))
def test_every_finding_is_in_one_agreement_and_a_line_that_enough_name_counts(
    ballots: list[list[Finding]], agree: int
) -> None:
    result = found(*ballots, agree=agree)
    assert sum(len(each.sightings) for each in result) == sum(map(len, ballots))

    def is_named(ballot: list[Finding], rule: str, function: str, line: int) -> bool:
        return any(
            (each.rule, each.level, functions_of_ten_lines("a.py", each.line or 0)) == (rule, Level.ERROR, function)
            and (each.line or 0) <= line <= (each.end_line or 0)
            for each in ballot
        )

    places = product(("leak", "race"), ("function_0", "function_1"), range(1, 20))
    most = max(sum(is_named(ballot, *place) for ballot in ballots) for place in places)
    assert any(each.counts for each in result) is (most >= agree)
