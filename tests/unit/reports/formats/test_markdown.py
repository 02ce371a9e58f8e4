from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt
from markdown_it.token import Token

from pytest_parallel_agents.model.results import Failure, Outcome, Result
from pytest_parallel_agents.reports.build import build
from pytest_parallel_agents.reports.causes import Located
from pytest_parallel_agents.reports.formats.markdown import render
from pytest_parallel_agents.reports.report import Report
from tests.unit.reports.drawn import HOSTILE, any_results
from tests.unit.reports.samples import FACTS, check, located, plan, shop_report

OURS = frozenset({"text", "softbreak", "code_inline"})
MARKDOWN = MarkdownIt("commonmark")


def tokens(rendered: bytes) -> list[Token]:
    return MARKDOWN.parse(rendered.decode())


@given(any_results(HOSTILE))
@settings(max_examples=50)
def test_whatever_checks_write_is_code(drawn: list[Result]) -> None:
    for token in tokens(render(build(FACTS, plan(drawn), drawn, located(drawn)))):
        assert token.type not in {"html_block", "code_block", "blockquote_open", "hr"}
        assert {child.type for child in token.children or ()} <= OURS
        for child in token.children or ():
            assert child.type != "text" or child.content.isascii()


def many(number: int) -> Report:
    text = "\n".join(f"E  line {line} {'x' * 500}" for line in range(200))
    results = [
        Result(check=check(index, f"t.py::t{index}"), outcome=Outcome.FAILED, message=text, failure=Failure(text=text))
        for index in range(number)
    ]
    return build(FACTS, None, results, Located())


def test_it_stays_short_and_states_what_is_left_out() -> None:
    text = render(many(300)).decode()
    assert len(text.splitlines()) < 300
    assert len(text) < 40_000
    assert "- 270 more failures\n" in text
    assert "pytest-parallel-agents explain NODEID" in text
    assert "... 190 more lines" in text


def test_a_run_that_passed_is_one_line() -> None:
    passed = Result(check=check(0, "t.py::t"), outcome=Outcome.PASSED)
    facts = msgspec.structs.replace(FACTS, exit_code=0)
    text = render(build(facts, None, [passed], Located())).decode()
    assert text == "# pytest --agents\n\npassed: 1 passed of 1 check in 15.5 s\n"


@pytest.mark.parametrize("text", ["failed: 2 failed, 1 passed of 3 checks", "`src/shop/cart.py:40-42` in `total`"])
def test_the_verdict_and_the_place_are_there(text: str) -> None:
    assert text in render(shop_report()).decode()
