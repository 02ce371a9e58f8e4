from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-xprocess",
    load=("xprocess",),
    uses="a server in a process of its own that the session shares",
    files={
        "server.py": """
            import pathlib, sys, time
            print("started", flush=True)
            time.sleep(60)
        """,
        "test_one.py": """
            import pathlib, sys
            import pytest

            @pytest.fixture(scope="module")
            def server(xprocess):
                from xprocess import ProcessStarter

                class Starter(ProcessStarter):
                    pattern = "started"
                    args = [sys.executable, str(pathlib.Path(__file__).parent / "server.py")]
                    terminate_on_interrupt = True

                xprocess.ensure("server", Starter)
                yield xprocess.getinfo("server")
                xprocess.getinfo("server").terminate()

            @pytest.mark.parametrize("number", range(3))
            def test_runs(server, number):
                assert server.isrunning()
                assert number != 2

            @pytest.mark.skip(reason="no")
            def test_skipped(server): ...
        """,
        "test_two.py": """
            def test_passes(): ...
        """,
    },
    ignored=[".xprocess/*"],
)
