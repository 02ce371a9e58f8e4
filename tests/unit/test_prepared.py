from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.prepared import PYTEST, Prepared
from tests.unit.forks import needs_fork

pytestmark = needs_fork


@pytest.fixture
def prepared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Prepared]:
    monkeypatch.chdir(tmp_path)
    interpreter = Prepared()
    yield interpreter
    interpreter.close()


@pytest.mark.slow
def test_a_run_that_takes_too_long_is_killed_and_the_next_one_runs(prepared: Prepared, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("import time\ndef test_it(): time.sleep(600)")
    with (tmp_path / "output").open("w") as output:
        run = prepared.popen(pytest.fail, PYTEST, stdin=None, stdout=output, stderr=output)
        with pytest.raises(subprocess.TimeoutExpired):
            run.wait(0.5)
        run.kill()
        assert run.wait() == -signal.SIGKILL
        run.kill()  # it is gone

        assert prepared.popen(pytest.fail, [*PYTEST, "--version"], stdin=None, stdout=output, stderr=output).wait() == 0


def test_an_interpreter_that_has_ended_is_no_success(prepared: Prepared, tmp_path: Path) -> None:
    with (tmp_path / "output").open("w") as output:
        prepared.popen(pytest.fail, [*PYTEST, "--version"], stdin=None, stdout=output, stderr=output).wait()
        [process] = [each for each in (prepared._process,) if each is not None]
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

        with pytest.raises((RuntimeError, OSError)):
            prepared.popen(pytest.fail, PYTEST, stdin=None, stdout=output, stderr=output).wait()


def test_what_it_cannot_be_prepared_for_is_begun_otherwise(prepared: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    def otherwise(command: list[str], **_streams: object) -> list[str]:
        return command

    assert prepared.popen(otherwise, ["ls"], stdin=None) == ["ls"]
    assert prepared.popen(otherwise, PYTEST, stdin=b"text") == PYTEST
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    assert prepared.popen(otherwise, PYTEST, stdin=None) == PYTEST
