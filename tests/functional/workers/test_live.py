"""Output that is seen as it comes."""

from __future__ import annotations

import psutil
import pytest

from tests.functional.runs import run_agents
from tests.functional.workers.conftest import Agents

TALKERS = """
    import subprocess, sys
    import pytest

    @pytest.fixture(scope="module", autouse=True)
    def around():
        print("set up")
        yield
        print("\\ntorn down")

    @pytest.mark.parametrize("number", range(4))
    def test_talks(number):
        for time in range(3):
            print(f"print {number}")
        print(f"error {number}", file=sys.stderr)
        subprocess.run([sys.executable, "-c", f"print('child {number}')"])
        print(f"unfinished {number}", end="")
"""
DIES = """
    import os

    def test_dies():
        print("last words", flush=True)
        os._exit(3)
"""


@pytest.mark.parametrize("flag", ["-s", pytest.param("--capture=tee-sys", marks=pytest.mark.slow)])
def test_each_line_has_the_name_of_its_check(pytester: pytest.Pytester, agents: Agents, flag: str) -> None:
    pytester.makepyfile(test_talks=TALKERS, test_dies=DIES)

    run = agents(flag, "-q")

    def lines(name: str, text: str) -> list[str]:
        return [line for line in run.stdout.splitlines() if line == f"[{name}] {text}"]

    assert run.outcomes["test_dies"] == "crashed"
    for number in range(4):
        name = f"test_talks.py::test_talks[{number}]"
        assert len(lines(name, f"print {number}")) == 3
        assert lines(name, f"child {number}")
        assert lines(name, f"unfinished {number}")
        assert f"[{name}] error {number}" in run.stderr.splitlines()
    assert lines("test_dies.py::test_dies", "last words")
    assert "] set up\n" in run.stdout
    assert "] torn down\n" in run.stdout
    assert "\x1e" not in run.stdout


LEAVES = """
    import subprocess, sys

    LEAVE = '''if True:
        import pathlib, subprocess
        daemon = subprocess.Popen(["sleep", "1000"], start_new_session=True, env={})
        pathlib.Path("left").write_text(str(daemon.pid))
    '''

    def test_leaves():
        print("before")
        subprocess.run([sys.executable, "-c", LEAVE])

    def test_other(): pass
"""


@pytest.mark.slow
def test_a_daemon_that_cannot_be_recognized_keeps_no_run_from_ending(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(LEAVES)

    run = run_agents(pytester, "--tx=fork", "-s")

    daemon = psutil.Process(int((pytester.path / "left").read_text()))
    assert daemon.name() == "sleep"
    daemon.kill()
    assert "] before\n" in run.stdout
