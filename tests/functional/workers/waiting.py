"""A run whose checks wait, for tests that disturb it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
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
        threading.Event().wait()

    def test_one(fixture): wait("test_one")
    def test_three(fixture): pass
    def test_two(fixture): wait("test_two")  # what is not known begins at both ends
"""


@contextmanager
def waiting_run(pytester: pytest.Pytester, transport: str, checks: str = WAITS) -> Iterator[subprocess.Popen[str]]:
    """`pytest --agents`, two of whose checks wait."""
    pytester.makepyfile(checks)
    command = [sys.executable, "-m", "pytest", "--agents", "-n2", f"--tx={transport}", "--agents-report=report.json"]
    with subprocess.Popen(
        [*command, "-pno:cacheprovider"],
        cwd=pytester.path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            wait_for(pytester.path / "test_one.up", process)
            wait_for(pytester.path / "test_two.up", process)
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
