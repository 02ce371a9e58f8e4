from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import pytest

from benchmarks.localization.measuring import Laboratory, pairs, single_faults
from benchmarks.localization.packages import Originals, Package, Prepared
from benchmarks.localization.trials import Status, Store, Tried

CODE = """\
def first(a):
    return a + 1


def second(a):
    return a * 2
"""
TESTS = """\
from two import first, second


def test_first():
    assert first(1) == 2


def test_second():
    assert second(2) == 4
"""


@pytest.fixture
def originals(tmp_path: Path) -> Originals:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "two.py").write_text(CODE)
    (folder / "test_two.py").write_text(TESTS)
    (folder / "pytest.ini").write_text("[pytest]\n")
    found = Prepared(
        folder=str(folder),
        environment=sys.prefix,
        executed={"two.py": frozenset({2, 6})},
        version="",
    )
    return Originals(Package(requirement="two==1", code="."), found)


def laboratory(tmp_path: Path, seconds: float, notes: list[str]) -> Laboratory:
    store = Store(tmp_path / "trials")
    return Laboratory(store, tmp_path / "work", version="1", seconds=seconds, again=False, note=notes.append)


@pytest.mark.slow
def test_mutants_and_their_pairs_are_tried_once(originals: Originals, tmp_path: Path) -> None:
    notes: list[str] = []
    first = laboratory(tmp_path, 600, notes)
    singles = single_faults([originals], first, wanted=3, seed=1)
    twos = pairs(singles, {"two": originals}, first, wanted=1, seed=1)
    assert len(singles) == 3
    assert first.ended["two", Status.FAILED] >= 4
    [both] = twos
    assert {change.function.name for change in both.trial.fault.changes} == {"first", "second"}
    assert both.failing == {"test_two.py::test_first", "test_two.py::test_second"}
    tried = len(notes)
    again = laboratory(tmp_path, 0, notes)
    assert [each.trial for each in single_faults([originals], again, wanted=3, seed=1)] == [s.trial for s in singles]
    assert len(notes) == tried
    more = single_faults([originals], again, wanted=100, seed=1)
    assert len(more) >= 3, "what was tried before is known; nothing new is tried when there is no time"
    assert len(notes) == tried


def test_a_report_of_another_form_is_not_used(originals: Originals, tmp_path: Path) -> None:
    trial = next(found for each in originals.candidates(1) if (found := originals.trial([each])) is not None)
    store = Store(tmp_path / "trials")
    store.keep(trial, Tried(status=Status.FAILED, seconds=1.0, report=msgspec.json.encode({"run": {}})))
    assert laboratory(tmp_path, 0, []).tried(trial) is None
    store.keep(trial, Tried(status=Status.PASSED, seconds=1.0))
    assert laboratory(tmp_path, 0, []).tried(trial) == Tried(status=Status.PASSED, seconds=1.0)
