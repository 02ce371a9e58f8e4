from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.localization.faults import Change, Fault, Function
from benchmarks.localization.reading import judged
from benchmarks.localization.trials import Status, Store, Tree, Trial, Tried, attempt

CODE = b"def double(number):\n    return number * 2\n"
WRONG = b"def double(number):\n    return number + 2\n"
TEST = "from code_under_test import double\n\n\ndef test_double():\n    assert double(4) == 8\n"


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    folder = tmp_path / "source"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "code_under_test.py").write_bytes(CODE)
    (folder / "test_double.py").write_text(TEST)
    (folder / "pytest.ini").write_text("[pytest]\n")
    change = Change(function=Function("src/code_under_test.py", "double"), lines=frozenset({2}))
    return Trial(
        fault=Fault(name="double", group="own", kind="operator", changes=(change,)),
        tree=Tree(folder=folder, python=Path(sys.executable), imports=("src",)),
        edited={"src/code_under_test.py": WRONG},
    )


@pytest.mark.slow
def test_the_suite_runs_on_a_copy_with_the_fault(trial: Trial, tmp_path: Path) -> None:
    workspace = tmp_path / "work"
    workspace.mkdir()
    assert attempt(trial, workspace, judge=judged).status == Status.FAILED
    assert attempt(replace(trial, edited={}), workspace, judge=judged).status == Status.PASSED
    broken = attempt(replace(trial, edited={"src/code_under_test.py": b"double = 1 / 0\n"}), workspace, judge=judged)
    assert broken.status == Status.BROKEN
    assert (trial.tree.folder / "src" / "code_under_test.py").read_bytes() == CODE


def test_what_was_kept_is_found_again(trial: Trial, tmp_path: Path) -> None:
    store = Store(tmp_path / "kept")
    assert store.find(trial) is None
    tried = Tried(status=Status.FAILED, seconds=1.5, report=b"{}")
    store.keep(trial, tried)
    assert Store(tmp_path / "kept").find(trial) == tried
    assert store.find(replace(trial, edited={"src/code_under_test.py": CODE})) is None
    assert store.find(replace(trial, arguments=("-x",))) is None
