from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-variables",
    load=("variables",),
    uses="variables from files, later ones first",
    runs=[["--variables=one.json", "--variables=two.json"]],
    files={
        "one.json": '{"colour": "green", "deep": {"a": 1}}',
        "two.json": '{"deep": {"b": 2}}',
        "test_one.py": """
            import pytest

            @pytest.mark.parametrize("name", ["a", "b", "c"])
            def test_deep(variables, name):
                assert name in variables["deep"]

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            def test_colour(variables):
                assert variables["colour"] == "green"
        """,
    },
)
