"""Checks that stand in the set-up of a fixture that another worker has."""

from __future__ import annotations

import re

import pytest

from tests.functional.workers.conftest import Agents
from tests.ports import free_port

SERVER = """
import os, pathlib, signal, socket, threading, time
import pytest

@pytest.fixture(scope="session")
def server():
    with socket.socket() as listener:
        while True:  # as servers do that wait until a predecessor has gone
            try:
                listener.bind(("127.0.0.1", {port}))
                break
            except OSError:
                pathlib.Path("waiting").touch()
                time.sleep(0.01)
        listener.listen()
        yield listener

@pytest.fixture(scope="session")
def broken():
    os.kill(os.getpid(), signal.SIGKILL)

@pytest.fixture(scope="session")
def stuck():
    threading.Event().wait()
"""
HOLDS = """
import pathlib, time

def test_{name}(server):
    until = time.monotonic() + 30
    while not pathlib.Path("waiting").exists() and time.monotonic() < until:
        time.sleep(0.01)
    if not pathlib.Path("held").exists():
        pathlib.Path("held").touch()
        time.sleep(1.5)  # so that the other one is slow for sure
"""


@pytest.mark.slow
def test_another_worker_that_has_the_fixture_is_named(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makeconftest(SERVER.format(port=free_port()))
    pytester.makepyprojecttoml("[tool.pytest-parallel-agents]\nslow = 0.3")
    pytester.makepyfile(test_a=HOLDS.format(name="a"), test_b=HOLDS.format(name="b"))

    run = agents()

    assert run.outcomes == {"test_a": "passed", "test_b": "passed"}
    notices = " ".join(run.stdout.split())
    assert "SLOW" in notices
    assert re.search(r"in the set-up of session fixture 'server', which gw\d+ has too; if there can", notices)
    assert '@pytest.mark.xdist_group("server")' in notices


@pytest.mark.slow
def test_what_is_to_be_written_helps(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makeconftest(SERVER.format(port=free_port()))
    group = "import pytest\npytestmark = pytest.mark.xdist_group('server')\n"
    pytester.makepyfile(
        test_a=group + "def test_a(server): pass",
        test_b=group + "def test_b(server): pass",
        test_c="def test_c(broken): pass",
        test_d="import pytest\n@pytest.mark.agent('test', timeout=0.5)\ndef test_d(stuck): pass",
    )

    run = agents()

    assert run.outcomes == {"test_a": "passed", "test_b": "passed", "test_c": "crashed", "test_d": "timed_out"}
    assert run.check("test_c")["message"].endswith(", in the set-up of session fixture 'broken'")
    assert ", in the set-up of session fixture 'stuck'" in run.check("test_d")["message"]


@pytest.mark.slow
def test_what_waits_for_ever_on_one_worker_runs_on_another(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makeconftest(f"""
        import pathlib, socket, threading, time
        import pytest

        class Server(threading.Thread):
            listener = None
            def run(self):
                try:
                    self.listener = socket.create_server(("127.0.0.1", {free_port()}))
                except OSError:
                    print("cannot be started")

        @pytest.fixture(scope="session")
        def server(worker_id):
            pathlib.Path(f"{{worker_id}}.begun").touch()
            thread = Server(daemon=True)
            thread.start()
            while thread.listener is None:
                time.sleep(0.001)
            with thread.listener:
                yield thread.listener.getsockname()
    """)
    pytester.makepyfile("""
        import pathlib, socket, time
        import pytest

        @pytest.mark.parametrize("number", range(40))
        def test_it(server, number):
            while len(list(pathlib.Path().glob("*.begun"))) < 2: time.sleep(0.01)
            socket.create_connection(server).close()
    """)

    run = agents("-n2")

    assert run.exit_code == 0
    assert list(run.outcomes.values()) == ["passed"] * 40
    assert re.search(r"agents: worker gw\d waited for 10 s in the set-up of session fixture 'server'", run.stdout)
