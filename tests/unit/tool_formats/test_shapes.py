from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.model.results import Finding, Level
from pytest_parallel_agents.tool_formats.locating import Locator
from pytest_parallel_agents.tool_formats.output import Unreadable
from pytest_parallel_agents.tool_formats.shapes import finding_shape

LOCATOR = Locator(Path("/root-of-the-project"))


def found(**fields: object) -> Finding:
    return finding_shape({"message": "m", **fields}, "it").finding(LOCATOR)


@pytest.mark.parametrize(
    ("line", "end_line", "span"),
    [
        (12, None, (12, None)),
        ("12", None, (12, None)),
        (" L12 ", None, (12, None)),
        (12.0, None, (12, None)),
        ("1-3", None, (1, 3)),
        ("L1 \N{EN DASH} L3", None, (1, 3)),
        ("1-3", 5, (1, 5)),
        (2, "4", (2, 4)),
        (2, "2-4", (2, 4)),
        (2, 1, (2, None)),
        ("", None, (None, None)),
        (None, None, (None, None)),
        (None, 4, (None, None)),
        (0, 4, (None, None)),
        (-1, None, (None, None)),
        ("0", None, (None, None)),
        (10**30, None, (None, None)),
        (1e300, None, (None, None)),
        (3, 10**30, (3, None)),
    ],
)
def test_lines(line: object, end_line: object, span: tuple[int | None, int | None]) -> None:
    finding = found(line=line, end_line=end_line)

    assert (finding.line, finding.end_line) == span


@pytest.mark.parametrize("line", ["near the top", "12:5", True, 1.5, [1, 3], {}])
def test_what_is_no_line_is_named(line: object) -> None:
    with pytest.raises(Unreadable, match=r"it\.line is .*, not a line$"):
        found(line=line)


@pytest.mark.parametrize(
    ("level", "read"), [("note", Level.NOTE), ("WARNING", Level.WARNING), (" Error ", Level.ERROR), (None, Level.ERROR)]
)
def test_levels_in_any_case(level: object, read: Level) -> None:
    assert found(level=level).level is read


@pytest.mark.parametrize("level", ["high", "", "info", 2, ["note"]])
def test_what_is_no_level_is_named(level: object) -> None:
    with pytest.raises(Unreadable, match=r"it\.level is .*, not one of note, warning, error$"):
        found(level=level)


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        *(
            ("severity", "level"),
            ("Severity", "level"),
            ("file", "path"),
            ("file_path", "path"),
            ("lineNumber", "line"),
        ),
        *(("start_line", "line"), ("endLine", "end_line"), ("ruleId", "rule"), ("Level", "level")),
    ],
)
def test_a_key_that_means_another_is_named(key: str, meant: str) -> None:
    value = {"level": "note", "line": 1, "end_line": 1}.get(meant, "x")
    with pytest.raises(Unreadable, match=rf'it has the key "{key}", which means nothing here: write "{meant}"$'):
        found(**{key: value})

    assert found(**{meant: value, key: ["anything"]}) == found(**{meant: value})


def test_other_keys_are_ignored() -> None:
    assert found(confidence=0.5, suggestion={"text": "x"}, title=None, tags=["a"]) == found()


def test_nulls_are_absent() -> None:
    assert found(rule=None, level=None, path=None, line=None, severity=None) == found()
