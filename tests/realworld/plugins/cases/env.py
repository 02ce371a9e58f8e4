from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-env",
    load=("env",),
    uses="variables that are set, kept when there, expanded and taken away",
    environment={"THERE": "before", "GONE": "before"},
    files={
        "pytest.ini": """
            [pytest]
            env =
                COLOUR=green
                D:THERE=after
                R:RAW={HOME}
                FILE={COLOUR}.txt
        """,
        "test_one.py": """
            import os
            import pytest

            @pytest.mark.parametrize("number", range(3))
            def test_set(number):
                assert os.environ["COLOUR"] == "green"
                os.environ["COLOUR"] = "green"

            def test_kept():
                assert os.environ["THERE"] == "before"

            def test_raw():
                assert os.environ["RAW"] == "{HOME}"

            def test_fails():
                assert os.environ["FILE"] == "red.txt"

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            import os
            COLOUR = os.environ["COLOUR"]
            def test_at_import():
                assert COLOUR == "green"
        """,
    },
)
