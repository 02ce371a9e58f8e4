from __future__ import annotations

import pytest

from benchmarks.figures import Comparison
from benchmarks.page import Section, Table, cell, markdown, mebibyte_cell, page, series_table, verdict
from benchmarks.processes import Memory
from benchmarks.rounds import Series


def comparison(*values: float, at_most: float | None = 0.5, unit: str = "") -> Comparison:
    return Comparison(
        suite="trivial", ours="we", against="they", what="wall", values=values, at_most=at_most, unit=unit
    )


def test_a_table_is_a_pipe_table_with_its_pipes_escaped() -> None:
    table = Table(header=("a", "b"), rows=(("1", "x|y"), ("2", "two\nlines")))
    assert markdown(table) == "| a | b |\n| --- | --- |\n| 1 | x\\|y |\n| 2 | two lines |"


@pytest.mark.parametrize(
    ("values", "decimals", "unit", "text"),
    [
        ((0.5, 0.25, 1.0), 2, "", "0.50 (0.25 to 1.00)"),
        ((20.04, 19.0, 21.0), 1, "µs", "20.0 µs (19.0 to 21.0)"),
        ((0.5,), 3, "", "0.500"),
    ],
)
def test_a_cell_has_median_and_spread(values: tuple[float, ...], decimals: int, unit: str, text: str) -> None:
    assert cell(values, decimals, unit) == text


def test_sizes_are_told_in_mebibytes() -> None:
    assert mebibyte_cell([3 * 1024 * 1024, 1024 * 1024, 1024 * 1024]) == "1 (1 to 3)"


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (comparison(0.5), "met"),
        (comparison(0.62), "**missed by 0.12**"),
        (comparison(1.75, unit="µs"), "**missed by 1.25 µs**"),
        (comparison(9.0, at_most=None), ""),
    ],
)
def test_a_missed_target_says_by_how_much(found: Comparison, text: str) -> None:
    assert verdict(found) == text


def test_series_show_what_was_measured() -> None:
    series = {
        "serial": Series(wall=(2.0,), cpu=(1.0,), memory=Memory(everything=2 * 1024**2, workers=0)),
        "ours": Series(
            wall=(1.0,),
            cpu=(1.5,),
            figures={"makespan": (0.5,)},
            memory=Memory(everything=3 * 1024**2, workers=1024**2),
        ),
    }
    assert series_table(series) == Table(
        header=("competitor", "wall s", "CPU s", "makespan", "workers' PSS MiB", "all processes' PSS MiB"),
        rows=(("serial", "2.00", "1.00", "", "0", "2"), ("ours", "1.00", "1.50", "0.50", "1", "3")),
    )


def test_what_was_not_measured_has_no_column() -> None:
    table = series_table({"serial": Series(wall=(2.0,), cpu=(1.0,))})
    assert table == Table(header=("competitor", "wall s", "CPU s"), rows=(("serial", "2.00", "1.00"),))


def test_the_page_has_targets_first_and_then_every_suite() -> None:
    section = Section(
        name="trivial",
        text="Empty tests.",
        tables=(Table(header=("x",), rows=(("1",),)),),
        comparisons=(comparison(0.4), comparison(0.7, at_most=None)),
    )
    text = page([section], facts={"CPUs": "2"}, command="python -m benchmarks")
    assert "| CPUs | 2 |" in text
    assert "| trivial | we | they | wall | 0.40 | 0.50 | met |" in text
    assert "Without a target:\n\n| suite | ours | against | what | value |" in text
    assert "| trivial | we | they | wall | 0.70 |\n" in text
    assert text.index("## Targets") < text.index("## trivial\n\nEmpty tests.\n\n| x |")
    assert text.endswith("|\n")
