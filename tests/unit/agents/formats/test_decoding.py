from __future__ import annotations

import pytest

from pytest_parallel_agents.agents.formats.decoding import FindingShape, decode
from pytest_parallel_agents.agents.output import Unreadable


@pytest.mark.parametrize(
    "text",
    [
        '{"message": "grave", "message": "harmless"}',
        '{"message": "a", "level": "error", "level": "note"}',
        '{"message": "a", "more": [{"deep": {"x": 1, "x": 2}}]}',
        r'{"message": "a", "mess\u0061ge": "b"}',
    ],
)
def test_an_object_with_a_key_twice_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match=r'an object has the key "[a-z]+" twice'):
        decode(text, FindingShape)


@pytest.mark.parametrize(
    "text", ['{"message": "a", "n": [{"x": 1}, {"x": 1}]}', '{"message": "a", "n": 1' + "0" * 5000 + "}"]
)
def test_other_objects_may_have_the_same_keys(text: str) -> None:
    assert decode(text, FindingShape).message == "a"
