"""Checks that fork their worker: the copy ends where the check does, and the worker alone reports."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from tests.functional.workers.conftest import Agents

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

COPIES_THAT_GO_ON = """
    import multiprocessing, os, subprocess, sys, threading
    from pathlib import Path
    import pytest

    HERE = Path(__file__).parent

    def note(what):
        with (HERE / "noted").open("a") as file:
            file.write(what + "\\n")

    def ended(pid):
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    @pytest.fixture(scope="module", autouse=True)
    def wide():
        yield
        note(f"wide ends in {os.environ['PYTEST_XDIST_WORKER']}")

    @pytest.fixture
    def narrow(tmp_path):
        yield tmp_path
        note("narrow ends")

    def test_returns(narrow):
        pid = os.fork()
        if pid == 0:
            return
        assert ended(pid) == 0
        assert narrow.exists()

    def test_raises(narrow):
        pid = os.fork()
        if pid == 0:
            raise RuntimeError("in the copy")
        assert ended(pid) == 1

    def test_exits(narrow):
        pid = os.fork()
        if pid == 0:
            sys.exit(3)
        assert ended(pid) == 3

    @pytest.mark.parametrize("error", [KeyboardInterrupt, pytest.exit.Exception])
    def test_interrupts(narrow, error):
        pid = os.fork()
        if pid == 0:
            raise error("in the copy")
        assert ended(pid) == 1

    def test_grandchild(narrow):
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            grandchild = os.fork()
            if grandchild:
                os.write(writer, bytes([ended(grandchild)]))
            else:
                pytest.fail("in the copy's copy")
            return
        assert ended(pid) == 0
        assert os.read(reader, 1) == b"\\x01"

    def test_terminal(narrow):
        pid, terminal = os.forkpty()
        if pid == 0:
            return
        assert ended(pid) == 0
        os.close(terminal)

    def test_process(narrow):
        process = multiprocessing.get_context("fork").Process(target=sys.exit, args=[4])
        process.start()
        process.join()
        assert process.exitcode == 4
        process.close()

    def test_preexec(narrow):
        def fail():
            raise RuntimeError("in the copy")
        with pytest.raises(subprocess.SubprocessError):
            subprocess.run([sys.executable, "-c", ""], preexec_fn=fail)

    def test_thread(narrow):
        codes = []
        def fork():
            pid = os.fork()
            if pid:
                codes.append(ended(pid))
        thread = threading.Thread(target=fork)
        thread.start()
        thread.join()
        assert codes == [0]

    @pytest.fixture
    def forks():
        pid = os.fork()
        yield pid
        if pid:
            assert ended(pid) == 0

    def test_fixture(narrow, forks):
        note("in the test")

    def test_goes_on_beside_its_worker(narrow):
        if os.fork() == 0:
            sys.stdin.close()
            os.read(HELD[0], 1)  # until the worker's end is closed

    HELD = os.pipe()

    def test_that_follows(narrow):
        os.write(HELD[1], b"go")

    @pytest.mark.parametrize("number", range(5))
    def test_more(narrow, number): pass
"""


def test_a_copy_of_a_worker_ends_with_the_check_that_made_it(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile(COPIES_THAT_GO_ON)

    run = agents("-n1", "-Wignore")

    assert Counter(run.outcomes.values()) == {"passed": 18}, run.stdout
    assert run.exit_code == 0
    noted = Counter((pytester.path / "noted").read_text().splitlines())
    assert noted == {"narrow ends": 18, "in the test": 1, "wide ends in gw0": 1}


def test_a_failure_of_the_worker_itself_is_reported_as_ever(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile("""
        import os

        def test_both_fail():
            if pid := os.fork():
                os.waitpid(pid, 0)
            assert pid == 0, "the worker"

        def test_after(): pass
    """)

    run = agents("-Wignore")

    assert run.outcomes == {"test_both_fail": "failed", "test_after": "passed"}
    assert run.exit_code == 1
