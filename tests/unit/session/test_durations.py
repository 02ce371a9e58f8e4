from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from pytest_parallel_agents.model.plan import Check
from pytest_parallel_agents.model.results import Attempt, Outcome, Result
from pytest_parallel_agents.session.durations import Durations


def result(nodeid: str, seconds: float, outcome: Outcome = Outcome.PASSED) -> Result:
    check = Check(index=0, nodeid=nodeid, kind="test", name=nodeid)
    attempt = Attempt(outcome=outcome, worker="gw0", start=1.0, stop=1.0 + seconds)
    return Result(check=check, outcome=outcome, attempts=(attempt,))


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    Durations(tmp_path).save([result("a", 0.5), result("b", 2.0)], {})

    assert Durations(tmp_path).load() == {"a": 0.5, "b": 2.0}


def test_a_name_that_is_not_unicode_is_kept(tmp_path: Path) -> None:
    Durations(tmp_path).save([result("test_\udcff\x1b.py::t", 2.0)], {})
    assert Durations(tmp_path).load() == {"test_\udcff\x1b.py::t": 2.0}


def test_a_new_duration_weighs_more_than_the_old_one_and_others_stay(tmp_path: Path) -> None:
    durations = Durations(tmp_path)
    durations.save([result("a", 1.0), result("b", 7.0)], {})

    durations.save([result("a", 2.0)], durations.load())

    assert durations.load() == {"a": pytest.approx(1.6), "b": 7.0}


@pytest.mark.parametrize("outcome", [Outcome.CRASHED, Outcome.TIMED_OUT, Outcome.CANCELLED])
def test_a_check_that_was_cut_off_means_nothing(tmp_path: Path, outcome: Outcome) -> None:
    Durations(tmp_path).save([result("a", 1.0, outcome)], {})

    assert Durations(tmp_path).load() == {}


def test_a_check_that_never_ran_means_nothing(tmp_path: Path) -> None:
    check = Check(index=0, nodeid="a", kind="test", name="a")
    Durations(tmp_path).save([Result(check=check, outcome=Outcome.CANCELLED)], {})

    assert Durations(tmp_path).load() == {}


@pytest.mark.parametrize("seconds", [-0.5, 4.0, 1e9, float("inf"), float("nan")])
def test_a_duration_beyond_the_run_means_nothing(tmp_path: Path, seconds: float) -> None:
    Durations(tmp_path).save([result("a", seconds), result("b", 1.0)], {}, most=3.0)

    assert Durations(tmp_path).load() == {"b": 1.0}


@pytest.mark.parametrize("seconds", [-1.0, 1e9, "soon"])
def test_nonsense_of_earlier_runs_is_left_out(tmp_path: Path, seconds: object) -> None:
    Durations(tmp_path).save([result("a", 1.0), result("b", 1.0)], {})
    with sqlite3.connect(tmp_path / "durations.sqlite3") as database:
        database.execute("UPDATE durations SET seconds = ? WHERE nodeid = 'a'", (seconds,))
    database.close()

    assert Durations(tmp_path).load() == {"b": 1.0}


def test_a_corrupt_file_costs_the_estimates_and_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "durations.sqlite3").write_bytes(b"this is no database, and longer than its head would be" * 40)
    durations = Durations(tmp_path)

    assert durations.load() == {}
    durations.save([result("a", 1.0)], {})

    assert durations.load() == {"a": 1.0}


def test_a_file_with_another_table_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "durations.sqlite3") as database:
        database.execute("CREATE TABLE durations (something INTEGER)")
    database.close()
    durations = Durations(tmp_path)

    assert durations.load() == {}
    durations.save([result("a", 1.0)], {})

    assert durations.load() == {}


@pytest.mark.parametrize("folder", [None, Path("/proc/none/such")])
def test_no_folder_costs_the_estimates_only(folder: Path | None) -> None:
    durations = Durations(folder)

    durations.save([result("a", 1.0)], {})

    assert durations.load() == {}
