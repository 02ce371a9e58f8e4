"""What holds for every format."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.agents.formats import FORMATS
from pytest_parallel_agents.agents.output import Output, Reader, Unreadable
from pytest_parallel_agents.tables import Table

EMPTY_DOCUMENTS = {
    "exit-code": "",
    "findings": "[]",
    "gitlab": "[]",
    "jsonlines": "",
    "regex": "",
    "sarif": '{"version": "2.1.0", "runs": []}',
}


def reader(name: str) -> Reader:
    return FORMATS[name](Table({"pattern": "x"}, where="x.toml: t", faults=[]))


@pytest.mark.parametrize("name", FORMATS)
def test_a_document_without_findings_is_clean(name: str, tmp_path: Path) -> None:
    output = Output(exit_code=0, stdout=EMPTY_DOCUMENTS[name], stderr="")

    assert reader(name)(output, tmp_path).findings == ()


@pytest.mark.parametrize("name", sorted(FORMATS.keys() - {"exit-code", "regex"}))
@pytest.mark.parametrize("text", ["Traceback:", '{"version": 7}', "[1]", "7", "[{}]"])
def test_text_of_another_shape_is_unreadable(name: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        reader(name)(Output(exit_code=1, stdout=text, stderr=""), tmp_path)


@pytest.mark.parametrize("name", sorted(FORMATS.keys() - {"exit-code", "regex", "jsonlines"}))
def test_silence_is_unreadable(name: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        reader(name)(Output(exit_code=0, stdout="", stderr=""), tmp_path)


@pytest.mark.parametrize("name", sorted(FORMATS.keys() - {"regex"}))
def test_only_regex_has_a_pattern(name: str) -> None:
    table = Table({"pattern": "x"}, where="x.toml: t", faults=[])

    FORMATS[name](table)
    table.done()

    assert [fault.message for fault in table.faults] == ["x.toml: t.pattern is an unknown key"]
