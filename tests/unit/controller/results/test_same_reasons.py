from __future__ import annotations

from types import SimpleNamespace

from pytest_parallel_agents.controller.results.same_reasons import SameReasons


def test_a_reason_is_given_once_with_a_count() -> None:
    texts = ["a is not here\nno such file", "b broke", "c is not here\nno such file", "d is not here\nanother"]
    reports = [SimpleNamespace(nodeid=text[0], longrepr=text) for text in [*texts, "e is not here\nno such file"]]
    same = SameReasons()

    for report in reports:
        same.note(report)

    assert [report.longrepr for report in reports] == [
        "a is not here\nno such file\n(2 more for the same reason)",
        "b broke",
        "c is not here (for the same reason as a)",
        "d is not here\nanother",
        "e is not here (for the same reason as a)",
    ]
