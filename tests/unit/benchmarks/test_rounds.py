from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.processes import RunFailed
from benchmarks.rounds import Competitor, race, run_once


def competitor(folder: Path, name: str, *codes: str, prints: str = "") -> Competitor:
    commands = [(sys.executable, "-c", code) for code in codes]
    return Competitor(name=name, folder=folder, commands=commands, prints=prints)


def note(name: str) -> str:
    return f"open('order', 'a').write({name!r})"


def test_competitors_take_turns_and_the_first_round_does_not_count(tmp_path: Path) -> None:
    series = race([competitor(tmp_path, "a", note("a")), competitor(tmp_path, "b", note("b"))], rounds=3)
    assert (tmp_path / "order").read_text() == "abababab"
    assert [len(series[name].wall) for name in "ab"] == [3, 3]
    assert all(series[name].memory is None for name in "ab")


def test_commands_of_a_competitor_run_in_order_after_its_preparation(tmp_path: Path) -> None:
    def prepare(folder: Path) -> None:
        (folder / "order").write_text("p")

    run_once(
        Competitor(
            name="a",
            folder=tmp_path,
            commands=[(sys.executable, "-c", note("1")), (sys.executable, "-c", note("2"))],
            prepare=prepare,
        )
    )
    assert (tmp_path / "order").read_text() == "p12"


def test_figures_are_kept_by_round(tmp_path: Path) -> None:
    each = Competitor(
        name="a",
        folder=tmp_path,
        commands=[(sys.executable, "-c", note("x"))],
        figures=lambda folder: {"size": float((folder / "order").stat().st_size)},
    )
    assert race([each], rounds=2)["a"].figures == {"size": (2.0, 3.0)}


def test_a_run_with_another_exit_code_does_not_count(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match=r"a: exit code 4; [\s\S]*no such test"):
        run_once(competitor(tmp_path, "a", "print('no such test'); raise SystemExit(4)"))


def test_a_run_that_does_less_does_not_count(tmp_path: Path) -> None:
    run_once(competitor(tmp_path, "a", "print('5 passed')", prints="5 passed"))
    with pytest.raises(RunFailed, match="a did not print '5 passed'"):
        run_once(competitor(tmp_path, "a", "print('4 passed')", prints="5 passed"))
