from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.runtest.live_output import Line, _Lines

SAID = (
    b"start\nun\x1echeck a.py::test[1]\x1fone\ntwo \xff\n\n\x1echeck b.py::test\x1f\x1e odd\nend\x1echeck \x1fbetween"
)
END = b"\x1eend\x1f"
AFTER = SAID + END + b"\nlate\n"

MEANT = [
    Line("gw0", "stdout", "start"),
    Line("gw0", "stdout", "un"),
    Line("a.py::test[1]", "stdout", "one"),
    Line("a.py::test[1]", "stdout", "two \ufffd"),
    Line("a.py::test[1]", "stdout", ""),
    Line("b.py::test", "stdout", "\x1e odd"),
    Line("b.py::test", "stdout", "end"),
    Line("gw0", "stdout", "between"),
]


@given(cuts=st.lists(st.integers(0, len(AFTER)), max_size=8))
def test_lines_are_the_same_however_the_stream_is_cut(cuts: list[int]) -> None:
    lines = _Lines("gw0", "stdout", END)
    edges = [0, *sorted(cuts), len(AFTER)]

    told: list[Line] = []
    for a, b in pairwise(edges):
        if not lines.are_over:
            told += lines.add(AFTER[a:b])

    assert lines.are_over
    assert [*told, *lines.rest()] == MEANT


def test_a_line_is_shown_once_it_is_whole() -> None:
    lines = _Lines("gw0", "stderr", END)

    assert list(lines.add(b"a lit")) == []
    assert list(lines.add(b"tle\nmo")) == [Line("gw0", "stderr", "a little")]
    assert list(lines.rest()) == [Line("gw0", "stderr", "mo")]
    assert list(lines.rest()) == []
