from __future__ import annotations

from tests.realworld.plugins.case import TRANSPORTS, Case, Difference

CASE = Case(
    name="pytest-timeout",
    load=("timeout",),
    uses="limits by signal and in functions only, by mark, option and file, and a limit that ends in a fixture",
    runs=[["--timeout=20"]],
    files={
        "pytest.ini": """
            [pytest]
            timeout_func_only = false
        """,
        "test_slow.py": """
            import threading
            import pytest

            @pytest.mark.timeout(0.2)
            def test_too_slow():
                print("before")
                threading.Event().wait(15)

            @pytest.mark.timeout(0.2)
            def test_thread():
                threading.Thread(target=threading.Event().wait, args=(5,), name="patient", daemon=True).start()
                threading.Event().wait(15)

            @pytest.mark.timeout(5)
            def test_after():
                pass

            @pytest.fixture
            def slow():
                threading.Event().wait(15)

            @pytest.mark.timeout(0.2)
            def test_slow_fixture(slow): ...

            @pytest.mark.timeout(5, func_only=True)
            def test_function_only(): ...

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_quick.py": """
            def test_one(): ...
            def test_two(): ...
        """,
    },
    volatile=[r"\(\d{9,}\)"],
    differs=dict.fromkeys(
        TRANSPORTS,
        Difference(
            shows={"section test session starts": "-~~~~~"},
            why="the stacks of other threads, which it prints to the terminal at a limit, are not seen; the"
            " mark `agent(timeout=...)` shows them.",
        ),
    ),
)
