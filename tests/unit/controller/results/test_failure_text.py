from __future__ import annotations

import pytest

from pytest_parallel_agents.controller.results.failure_text import (
    MOST_CAPTURED,
    MOST_SECTIONS,
    MOST_TEXT,
    failure_of,
    headline,
)

NOTE = 40
"""Bytes of the line that tells how much was left out."""


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("SHOP_TOKEN", "open-sesame")
    return "open-sesame"


def failed(text: object, *sections: tuple[str, str]) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid="a.py::test_it",
        location=("a.py", 0, "test_it"),
        keywords={},
        outcome="failed",
        longrepr=text,  # type: ignore[arg-type]
        when="call",
        sections=list(sections),
    )


def test_short_text_is_kept_whole() -> None:
    failure = failure_of(failed("E  assert 0", ("Captured stdout call", "before\n")))

    assert failure.text == "E  assert 0"
    assert [(section.name, section.text) for section in failure.sections] == [("Captured stdout call", "before\n")]


def test_both_ends_of_a_long_traceback_are_kept() -> None:
    text = failure_of(failed("\n".join(["begin", *["x" * 99] * 10_000, "end"]))).text

    assert text.startswith("begin\n")
    assert text.endswith("\nend")
    assert "... 99" in text
    assert len(text) <= MOST_TEXT + NOTE


def test_all_that_was_captured_is_bounded_together() -> None:
    sections = failure_of(failed("", *((f"section {number}", "y\n" * 90_000) for number in range(40)))).sections

    assert [section.name for section in sections] == [f"section {number}" for number in range(24, 40)]
    assert sum(len(section.text) for section in sections) <= MOST_CAPTURED + MOST_SECTIONS * NOTE


def test_secrets_are_masked(token: str) -> None:
    report = failed(f"E  {token} is wrong", ("Captured log call", f"using {token}"))

    assert failure_of(report).text == "E  *** is wrong"
    assert failure_of(report).sections[0].text == "using ***"
    assert headline(report) == "E  *** is wrong"


@pytest.mark.parametrize("shift", range(14))
def test_no_secret_is_cut_in_two(token: str, shift: int) -> None:
    for kept in (MOST_TEXT // 2, 500):
        text = "x" * (kept - shift) + token + "x" * 100_000 + token + "x" * (kept - shift)
        told = failure_of(failed(text)).text + headline(failed(text))

        assert "sesam" not in told
        assert "open" not in told


def test_the_headline_of_a_skip_is_its_reason() -> None:
    assert headline(failed(("a.py", 3, "Skipped: no network"))) == "Skipped: no network"
