from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.tool_formats.echoes import Echoes
from pytest_parallel_agents.tool_formats.embedded import json_parts
from pytest_parallel_agents.tool_formats.output import Unreadable

LINES = st.sampled_from(
    ['{"a": 1}', "{", '"b":', "[", "{}", "]", "}", "```json", "```", "text", '● {"c": [1]}', '{"x', "'"]
)


@given(st.lists(LINES, max_size=12))
def test_parts_are_in_order_and_apart(lines: list[str]) -> None:
    text = "\n".join(lines)
    try:
        parts = list(json_parts(text, Echoes(text, "")))
    except Unreadable:
        return

    assert all(left.stop <= right.start for left, right in pairwise(parts))
    assert all(text[part.start] in "{[" for part in parts)
