from __future__ import annotations

import sys
from pathlib import Path
from time import sleep
from types import SimpleNamespace

import pytest

from benchmarks import processes
from benchmarks.processes import RunFailed, measure, measure_memory

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="benchmarks need Linux")

MEBIBYTE = 1024 * 1024


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_exit_code_and_output_are_kept(tmp_path: Path) -> None:
    usage = measure(python("print('hello'); raise SystemExit(3)"), cwd=tmp_path, log=tmp_path / "log")
    assert usage.exit_code == 3
    assert (tmp_path / "log").read_text() == "hello\n"


def test_cpu_time_of_children_counts(tmp_path: Path) -> None:
    busy = "import time\nwhile time.process_time() < 0.3: pass"
    usage = measure(
        python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])"),
        cwd=tmp_path,
        log=tmp_path / "log",
    )
    assert usage.cpu >= 0.3


def test_settings_of_an_outer_run_are_not_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "-x")
    code = "import os; print(os.environ.get('PYTEST_ADDOPTS'), os.environ['OWN'])"
    measure(python(code), cwd=tmp_path, log=tmp_path / "log", variables={"OWN": "yes"})
    assert (tmp_path / "log").read_text() == "None yes\n"


def test_a_hung_process_is_killed(tmp_path: Path) -> None:
    code = "import signal; print('waiting', flush=True); signal.pause()"
    told = ""
    for limit in (0.5, 5.0, 50.0):  # on a busy machine it may be killed before it prints
        with pytest.raises(RunFailed, match="still ran after") as failed:
            measure(python(code), cwd=tmp_path, log=tmp_path / "log", limit=limit)
        told = str(failed.value)
        if "waiting" in told:
            break
    assert told.endswith("waiting")


def test_memory_of_workers_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ready, enough, pauses = tmp_path / "ready", tmp_path / "enough", []

    def pause(seconds: float) -> None:
        if ready.exists():
            pauses.append(seconds)
        if len(pauses) == 2:  # it has looked in between
            enough.touch()
        sleep(seconds)

    monkeypatch.setattr(processes, "time", SimpleNamespace(sleep=pause))
    held = 64 * MEBIBYTE
    child = f"data = b'x' * {held}; print('ready', flush=True); input()"
    code = f"""
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, '-c', {child!r}], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdout.readline()
pathlib.Path("ready").touch()
while not pathlib.Path("enough").exists(): time.sleep(0.01)
child.communicate(b'\\n')
"""
    memory = measure_memory(python(code), cwd=tmp_path, log=tmp_path / "log")
    assert held < memory.workers < memory.everything < 2 * held
