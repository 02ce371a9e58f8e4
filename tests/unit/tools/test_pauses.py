"""The pauses that services ask for."""

from __future__ import annotations

import pytest

from pytest_parallel_agents.tools.pauses import named_pause


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Rate limit reached for gpt. Please try again in 20s.", 20),
        ("Please try again in 250ms.", 0.25),
        ("try again in 6m0s.", 360),
        ("Please retry in 34.5s.", 34.5),
        ("retrying after 2 minutes and 5 seconds", 125),
        ("Try again in about 1 hour", 3600),
        ('"retryDelay": "34s"', 34),
        ('{"retry_after": 7}', 7),
        ("retry-after: 12\nx: 1", 12),
        ("Retry-After-Seconds=3", 3),
        ("retry after 500 ms", 0.5),
        ("Rate limited: please wait 5 seconds", 5),
        ("You must wait for at least 2m before the next request", 120),
        ("Your quota will reset after 1h2m3s.", 3723),
        ("The limit resets in about 4 minutes", 240),
        ("429 Too Many Requests", None),
        ("I have been waiting 10 s", None),
        ("Please try again later.", None),
        ("try again in 5 messages", None),
        ("5-hour limit reached, resets 3pm", None),
        ("", None),
    ],
)
def test_pauses(text: str, seconds: float | None) -> None:
    assert named_pause(text) == (None if seconds is None else pytest.approx(seconds))
