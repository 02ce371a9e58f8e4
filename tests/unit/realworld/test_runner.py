from __future__ import annotations

import pytest

from tests.realworld.plugins.case import Case, Difference
from tests.realworld.plugins.runner import undeclared

KNOWN = Difference(shows={"exit code": "here 3"}, why="it is known")


def case(**differs: Difference) -> Case:
    return Case(name="pytest-x", load=(), uses="", files={}, differs=differs)


@pytest.mark.parametrize(
    ("differs", "found", "problems"),
    [
        ({}, {"fork": {}}, []),
        ({}, {"fork": {"exit code": "serial 0, here 3"}}, ["fork: exit code"]),
        ({"fork": KNOWN}, {"fork": {"exit code": "serial 0, here 3"}}, []),
        ({"fork": KNOWN}, {"fork": {"exit code": "serial 0, here 1"}}, ["fork: exit code"]),
        ({"fork": KNOWN}, {"fork": {}}, ["fork: exit code"]),
        (
            {"fork": KNOWN},
            {"popen": {"exit code": "serial 0, here 3"}, "fork": {}},
            ["popen: exit code", "fork: exit code"],
        ),
    ],
)
def test_only_what_is_declared_may_differ_and_it_must(
    differs: dict[str, Difference], found: dict[str, dict[str, str]], problems: list[str]
) -> None:
    assert list(undeclared(case(**differs), found)) == problems
