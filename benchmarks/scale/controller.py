"""What a real controller needs for a check: measured on real runs of empty tests, not simulated."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

_FEW: Final = 2_000
_MANY: Final = 12_000
_A_FILE: Final = 50
_ROUNDS: Final = 2
_TIMEOUT: Final = 600.0

_CLOCK: Final = """\
import json, resource, sys
import pytest
code = pytest.main(sys.argv[2:])
used = resource.getrusage(resource.RUSAGE_SELF)
with open(sys.argv[1], "w") as file:
    json.dump([int(code), used.ru_utime + used.ru_stime, used.ru_maxrss * 1024], file)
"""


def cost_of_check() -> float:
    """CPU seconds of the controller's process for each further check, collection left out.

    All else is in it: messages, the scheduler, pytest's hooks for each report, and the JSON report.
    """
    with TemporaryDirectory() as folder:
        few, many = (_suite(Path(folder) / str(size), size) for size in (_FEW, _MANY))
        rounds = [_seconds(many) - _seconds(few) for _ in range(_ROUNDS)]
    return min(rounds) / (_MANY - _FEW)


def _seconds(suite: Path) -> float:
    run = ["--agents", "-n2", "--agents-report=report.json", "-q", "-p", "no:cacheprovider"]
    return _cpu(suite, run) - _cpu(suite, ["--collect-only", "-qq", "-p", "no:cacheprovider"])


def _cpu(suite: Path, arguments: Sequence[str]) -> float:
    written = suite.parent / "used.json"
    command = [sys.executable, "-c", _CLOCK, str(written), *arguments]
    subprocess.run(command, cwd=suite, stdout=subprocess.DEVNULL, check=True, timeout=_TIMEOUT)
    code, seconds, _ = json.loads(written.read_text("utf-8"))
    if code:
        raise AssertionError(f"empty tests ended with {code}")
    return float(seconds)


def _suite(folder: Path, size: int) -> Path:
    folder.mkdir()
    text = "".join(f"def test_{number}():\n    pass\n\n\n" for number in range(_A_FILE))
    for number in range(size // _A_FILE):
        (folder / f"test_{number}.py").write_text(text, "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")
    return folder
