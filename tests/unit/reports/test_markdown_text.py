from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pytest_parallel_agents.printable import escape, escape_lines
from pytest_parallel_agents.reports.markdown_text import code, fenced

MARKDOWN = MarkdownIt("commonmark")
HOSTILE = st.text(st.sampled_from("`~<>#*_-|\\[]()!&; a\n\r\t\x1b\0\u202e\ud800"), max_size=20) | st.text(max_size=20)


@given(HOSTILE)
def test_a_code_span_is_one_and_shows_the_text(text: str) -> None:
    [paragraph] = [token for token in MARKDOWN.parse(f"x {code(text)} y") if token.type == "inline"]
    assert paragraph.children
    before, span, after = paragraph.children
    assert (before.content, span.type, after.content) == ("x ", "code_inline", " y")
    assert span.content.strip(" ") == escape(text).strip(" ")


@given(st.lists(HOSTILE, max_size=3))
def test_a_block_of_code_is_one_and_shows_the_lines(lines: list[str]) -> None:
    [block, paragraph, *_] = MARKDOWN.parse("\n".join([*fenced(lines), "after"]))
    assert (block.type, block.info, paragraph.type) == ("fence", "text", "paragraph_open")
    assert block.content == "".join(f"{escape_lines(line)}\n" for line in lines)


@pytest.mark.parametrize(
    ("text", "written"), [("a", "`a`"), ("`", "`` ` ``"), ("a``b", "`a``b`"), ("a`b", "``a`b``"), ("", "`  `")]
)
def test_a_span_has_no_more_backticks_than_it_needs(text: str, written: str) -> None:
    assert code(text) == written
