"""A run whose checks wait, for tests that disturb it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.processes import PATIENCE

WAITS = """
    import pathlib, threading
    import pytest

    @pytest.fixture
    def fixture(request):
        yield
        pathlib.Path(f"{request.node.name}.down").touch()

    @pytest.fixture(scope="session", autouse=True)
    def wide(worker_id):
        yield
        pathlib.Path(f"{worker_id}.down").touch()

    def wait(name):
        pathlib.Path(f"{name}.up").touch()
        while True:  # a signal does not end a wait that begins at the same moment
            threading.Event().wait(1)

    def test_one(fixture): wait("test_one")
    def test_three(fixture): pass
    def test_two(fixture): wait("test_two")  # what is not known begins at both ends
"""


@contextmanager
def waiting_run(pytester: pytest.Pytester, transport: str, checks: str = WAITS) -> Iterator[subprocess.Popen[str]]:
    """`pytest --agents`, two of whose checks wait."""
    pytester.makepyfile(checks)
    ups = [pytester.path / f"{name}.up" for name in ("test_one", "test_two")]
    with run_until(pytester, ups, "-n2", f"--tx={transport}") as process:
        yield process


@contextmanager
def run_until(pytester: pytest.Pytester, paths: Sequence[Path], *args: str) -> Iterator[subprocess.Popen[str]]:
    """`pytest --agents` once its checks have written these files. It writes `report.json`."""
    words = ["--agents", "--agents-report=report.json", "-pno:cacheprovider", *args]
    with subprocess.Popen(
        [sys.executable, "-m", "pytest", *words],
        cwd=pytester.path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            for path in paths:
                wait_for(path, process)
            yield process
        finally:
            process.kill()


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    """Return when the file is there."""
    for _ in range(int(PATIENCE / 0.02)):
        if path.exists():
            return
        with pytest.raises(psutil.TimeoutExpired):
            psutil.Process(process.pid).wait(0.02)
    raise AssertionError(f"{path.name} did not appear")
