"""What holds for every format."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from pytest_parallel_agents.tables import Table
from pytest_parallel_agents.tool_formats.output import Output, Reader, Unreadable
from pytest_parallel_agents.tool_formats.registry import FORMATS

EMPTY_DOCUMENTS = {
    "exit-code": "",
    "findings": "[]",
    "gitlab": "[]",
    "jsonlines": "",
    "regex": "",
    "sarif": '{"version": "2.1.0", "runs": []}',
}


def reader(name: str, path_map: Mapping[str, str] | None = None) -> Reader:
    pattern = r"(?P<path>\S+):(?P<line>\d+): (?P<message>.+)"
    return FORMATS[name](Table({"pattern": pattern, "path-map": path_map or {}}, where="x.toml: t", faults=[]))


def document(name: str, path: str, line: int) -> str:
    """One finding in a format."""
    finding = {"message": "m", "path": path, "line": line}
    place = {"artifactLocation": {"uri": path}, "region": {"startLine": line}}
    result = {"message": {"text": "m"}, "locations": [{"physicalLocation": place}]}
    violation = {"description": "m", "location": {"path": path, "lines": {"begin": line}}}
    run = {"tool": {"driver": {"name": "t"}}, "results": [result]}
    return {
        "findings": json.dumps([finding]),
        "gitlab": json.dumps([violation]),
        "jsonlines": json.dumps(finding),
        "regex": f"{path}:{line}: m",
        "sarif": json.dumps({"version": "2.1.0", "runs": [run]}),
    }[name]


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


@pytest.mark.parametrize("name", sorted(FORMATS.keys() - {"exit-code"}))
@pytest.mark.parametrize(
    ("path", "line", "seen"),
    [
        ("src/a.py", 2, ("src/a.py", 2)),
        ("src/a.py", 0, ("src/a.py", None)),
        ("src/a.py", 10**12, ("src/a.py", None)),
        ("src/gone.py", 2, ("src/gone.py", 2)),
        (r"src\a.py", 2, ("src/a.py", 2)),
        ("b/src/a.py", 2, ("src/a.py", 2)),
        ("/code/src/a.py", 2, ("src/a.py", 2)),
        (r"C:\code\src\a.py", 2, ("src/a.py", 2)),
        ("/elsewhere/a.py", 2, ("/elsewhere/a.py", 2)),
    ],
)
def test_places_are_read_alike(name: str, path: str, line: int, seen: tuple[str, int | None], tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").touch()
    text = "\ufeff" + document(name, path, line)
    read = reader(name, {"/code": ".", "C:/code": "."})

    (finding,) = read(Output(exit_code=1, stdout=text, stderr=""), tmp_path).findings

    assert ((finding.path, finding.line), finding.message) == (seen, "m")
