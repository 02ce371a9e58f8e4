"""Clocks and file systems that a library replaces for longer than a test, in every module that is loaded."""

from __future__ import annotations

import json
import os
import re
import subprocess
import textwrap
from pathlib import Path

import pytest

from tests.realworld.plugins.environment import environment

pytestmark = [pytest.mark.realworld, pytest.mark.agent("test", writes=["plugins/"])]

LIMIT_SECONDS = 120

FROZEN = """
    import datetime, threading, time
    import freezegun
    import pytest

    @pytest.fixture(scope="class", params=["1970-01-01 00:00:10", "2099-01-01"])
    def frozen(request):
        with freezegun.freeze_time(request.param) as clock:
            yield clock

    @pytest.mark.usefixtures("frozen")
    class TestFrozen:
        def test_stands(self):
            before = time.time()
            threading.Event().wait(0.1)
            assert time.time() == before

        def test_moves(self, frozen):
            frozen.tick(86400)
            threading.Event().wait(0.1)

        def test_fails(self):
            assert time.monotonic() < 0

    def test_afterwards():
        assert 2020 < datetime.date.today().year < 2099
"""
FROZEN_FOR_GOOD = """
    import freezegun
    freezegun.freeze_time("1970-01-01 00:00:10").start()
"""
TRAVELLING = """
    import threading, time
    import pytest, time_machine

    @pytest.fixture(scope="module", autouse=True)
    def elsewhere():
        with time_machine.travel(10.0, tick=False) as traveller:
            yield traveller

    def test_stands():
        threading.Event().wait(0.1)
        assert time.time() == 10.0

    def test_moves(elsewhere):
        elsewhere.shift(1e9)
        threading.Event().wait(0.1)
        elsewhere.shift(-1e9)

    def test_fails():
        assert time.time() > 1e9
"""
FAKE_FILES = """
    import os, pathlib, tempfile, warnings
    import pytest

    @pytest.fixture(scope="{scope}", autouse=True)
    def faked({fixture}):
        {fixture}.create_file("/there.txt", contents="is faked")

    class TestFaked:
        def test_prints(self):
            print("printed")
            assert pathlib.Path("/there.txt").read_text() == "is faked"

        def test_warns(self):
            warnings.warn("from a faked file system")

        def test_fails(self):
            print("printed before")
            assert os.listdir("/") == []

        def test_makes_folders(self):
            with tempfile.TemporaryDirectory() as folder:
                assert os.path.isdir(folder)
"""
FAKED = FAKE_FILES.format(scope="function", fixture="fs")
SUITES = {
    "freezegun": ({"test_a.py": FROZEN}, ()),
    "freezegun for good": ({"conftest.py": FROZEN_FOR_GOOD, "test_a.py": "def test_a(): pass\ndef test_b(): pass"}, ()),
    "time-machine": ({"test_a.py": TRAVELLING}, ()),
    "pyfakefs": (
        {
            "test_function.py": FAKED,
            "test_class.py": FAKE_FILES.format(scope="class", fixture="fs_class"),
            "test_module.py": FAKE_FILES.format(scope="module", fixture="fs_module"),
        },
        ("-ppyfakefs.pytest_plugin",),
    ),
    "pyfakefs in a session": (
        {"test_session.py": FAKE_FILES.format(scope="session", fixture="fs_session")},
        ("-ppyfakefs.pytest_plugin",),
    ),
}


@pytest.mark.parametrize("ways", [["-n2", "--tx=fork"], ["-n2", "--tx=popen"], ["-n0"]], ids=lambda ways: ways[-1])
@pytest.mark.parametrize("suite", SUITES)
def test_it_ends_as_a_serial_run_and_its_times_are_real(tmp_path: Path, suite: str, ways: list[str]) -> None:
    files, options = SUITES[suite]
    for name, source in files.items():
        (tmp_path / name).write_text(textwrap.dedent(source), "utf-8")

    serial = _run(tmp_path, *options)
    parallel = _run(tmp_path, "--agents", *ways, "--agents-timeout=30", "--agents-report=report.json", *options)

    assert _ending(parallel) == _ending(serial)
    assert "SLOW" not in parallel.stdout
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert {check["outcome"] for check in report["checks"]} <= {"passed", "failed"}
    assert min(check["start"] for check in report["checks"]) >= 0
    assert max(check["stop"] for check in report["checks"]) <= report["run"]["seconds"] < LIMIT_SECONDS
    assert not report["run"]["started"].startswith("1970")


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    python = environment().scripts / "python"
    plugins = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "xdist.plugin,pytest_parallel_agents.plugin"}
    command = [str(python), "-m", "pytest", "-pno:cacheprovider", *arguments]
    variables = {**os.environ, **plugins}
    return subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS
    )


def _ending(run: subprocess.CompletedProcess[str]) -> tuple[int, str]:
    """The exit code and what the last line counts."""
    return run.returncode, re.sub(r" in [0-9.]+s.*", "", run.stdout.splitlines()[-1].strip("= "))
