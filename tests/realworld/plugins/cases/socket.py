from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-socket",
    load=("socket",),
    uses="sockets that are refused, those of some hosts, and tests that may use them",
    runs=[["--disable-socket"], ["--allow-hosts=127.0.0.2"], ["--disable-socket", "--allow-unix-socket"]],
    files={
        "test_one.py": """
            import socket
            import pytest

            @pytest.mark.parametrize("number", range(3))
            def test_refused(number):
                socket.socket()

            @pytest.mark.enable_socket
            def test_allowed():
                socket.socket().close()

            def test_fixture(socket_enabled):
                socket.socket().close()

            def test_connect():
                with socket.socket() as it:
                    it.connect(("127.0.0.1", 1))

            def test_unix():
                socket.socket(socket.AF_UNIX).close()

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            def test_passes(): ...
        """,
    },
)
