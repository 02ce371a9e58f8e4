from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.tools.adapters.splitting import document_with, lines_with, whole_output

DOCUMENT = '{"errors": [], "results": [{"path": "a.py", "text": "} ["}]}'
split = document_with("errors", "results")


@pytest.mark.parametrize(
    ("text", "others"),
    [
        (DOCUMENT, ""),
        (f"{DOCUMENT}\n", ""),
        (f"hook {{1}}\n{DOCUMENT}\n", "hook {1}"),
        (f'{{"results": 1}}{DOCUMENT}', '{"results": 1}'),
        (f"[plugin] loaded {DOCUMENT}\nbye\n", "[plugin] loaded \nbye"),
    ],
)
def test_a_document_and_what_is_printed_around_it(text: str, others: str) -> None:
    document, said = split(text)

    assert json.loads(document) == json.loads(DOCUMENT)
    assert said.strip() == others.strip()


@pytest.mark.parametrize("text", ["", "nothing here", f"{DOCUMENT}{DOCUMENT}", DOCUMENT[:-1], f"x {DOCUMENT[:-1]}"])
def test_a_text_without_exactly_one_document_stays_whole(text: str) -> None:
    assert split(text) == (text, "")


def test_a_list_of_documents() -> None:
    files = json.dumps([{"filePath": "a.js", "messages": [{"line": 1}]}])

    assert document_with("filePath", "messages")(f"[] \n{files}\n") == (files, "[] ")
    assert document_with("filePath", "messages")("[]") == ("[]", "")


@given(before=st.text('ab {}[]":,\n1', max_size=30), after=st.text('ab {}[]":,\n1', max_size=30))
def test_no_document_is_lost(before: str, after: str) -> None:
    document, said = split(before + DOCUMENT + after)

    assert DOCUMENT in document or DOCUMENT in before + said
    assert len(document) + len(said) <= len(before + DOCUMENT + after) + 1


def test_lines_of_json_among_others() -> None:
    text = 'note: unused section\n{"file": "a"}\nhalf {"file": "b"}\n\n{"other": 1}\n'

    assert lines_with('{"file": ')(text) == (
        '{"file": "a"}\n{"file": "b"}',
        'note: unused section\nhalf \n{"other": 1}',
    )


def test_a_tool_that_prints_nothing_else() -> None:
    assert whole_output("x {}") == ("x {}", "")
