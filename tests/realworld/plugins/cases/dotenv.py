from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-dotenv",
    load=("dotenv",),
    uses="variables from a file, also over those that are there",
    environment={"THERE": "before"},
    files={
        ".env": """
            COLOUR=green
            THERE=after
        """,
        "pytest.ini": """
            [pytest]
            env_override_existing_values = 1
            env_files = .env
        """,
        "test_one.py": """
            import os
            import pytest

            @pytest.mark.parametrize("name, value", [("COLOUR", "green"), ("THERE", "after"), ("THERE", "before")])
            def test_variable(name, value):
                assert os.environ[name] == value

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
