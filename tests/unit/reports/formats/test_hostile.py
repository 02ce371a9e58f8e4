"""Every format with every hostile text in every field."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from msgspec.structs import replace

from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry, FailureEntry, FindingEntry
from pytest_parallel_agents.reports.formats.suffixes import FORMATS, format_for, write_report
from pytest_parallel_agents.reports.reading import read_report
from pytest_parallel_agents.reports.report import Report
from tests.unit.reports.formats.hostile import STRINGS
from tests.unit.reports.formats.hostile_reports import filled, hostile_report
from tests.unit.reports.formats.readers import READERS, canonical
from tests.unit.reports.samples import shop_report

TOGETHER = 20
"""Texts in one report: each format shows only so many causes, kinds and so on."""

LONG_LINE = "x" * 10_000_000


SUFFIXES = {module: suffix for suffix, module in sorted(FORMATS.items(), key=lambda each: -len(each[0]))}.values()
"""One of each format."""


@cache
def reports() -> tuple[Report, ...]:
    """With failing tests, and with checks of other kinds that end in all ways."""
    parts = [STRINGS[start : start + TOGETHER] for start in range(0, len(STRINGS), TOGETHER)]
    tests = (hostile_report(part, kind="test", outcome=Outcome.FAILED) for part in parts)
    return (*tests, *map(hostile_report, parts))


def test_the_corpus_is_large_and_has_no_text_twice() -> None:
    assert len(set(STRINGS)) == len(STRINGS) > 300


def test_what_a_reader_sees_of_each_format_is_known() -> None:
    assert READERS.keys() == set(SUFFIXES)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_hostile_texts_neither_break_a_file_nor_get_lost(suffix: str) -> None:
    render, reader = format_for(Path(f"x{suffix}")).render, READERS[suffix]
    for report in reports():
        content = render(report)
        seen = canonical("\n".join(dict.fromkeys(reader.texts(content))))
        assert [text for text in reader.kept(report) if canonical(text) not in seen] == []
        assert {char for char in content.decode() if char < " "} <= {"\n", "\t"}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_report_is_rendered_the_same_again_and_from_its_file(suffix: str, tmp_path: Path) -> None:
    module = import_module(f"pytest_parallel_agents.reports.formats.{FORMATS[suffix]}")
    report = hostile_report(STRINGS[::7])
    write_report(report, tmp_path / "x.json")
    assert module.render(report) == module.render(report) == module.render(read_report(tmp_path / "x.json"))


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [suffix for suffix in SUFFIXES if READERS[suffix].most])
def test_masses_are_cut_and_the_file_says_so(suffix: str) -> None:
    content = format_for(Path(f"x{suffix}")).render(_massive())
    assert len(content) < (READERS[suffix].most or 0)
    assert "left out" in "\n".join(READERS[suffix].texts(content))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_report_without_checks_can_be_rendered(suffix: str) -> None:
    empty = replace(shop_report(), checks=(), causes=(), evidence=None, groups=())
    assert list(READERS[suffix].texts(format_for(Path(f"x{suffix}")).render(empty))) is not None


def _massive() -> Report:
    """2,000 checks of which one has a very long line everywhere."""
    long = replace(
        filled(CheckEntry, LONG_LINE),
        outcome=Outcome.FAILED,
        findings=(filled(FindingEntry, LONG_LINE),),
        failure=filled(FailureEntry, LONG_LINE),
    )
    one = replace(filled(CheckEntry, "tests/a.py::test_a"), outcome=Outcome.FAILED, message="x" * 1_000, findings=())
    many = tuple(replace(one, nodeid=f"tests/a.py::test_a[{number}]") for number in range(2_000))
    return replace(hostile_report(["few"]), checks=(long, *many))
