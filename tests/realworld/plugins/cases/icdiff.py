from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-icdiff",
    load=("icdiff",),
    uses="differences side by side",
    files={
        "test_one.py": """
            import pytest

            @pytest.mark.parametrize("number", range(3))
            def test_number(number):
                assert {"a": [1, 2, number], "b": "text" * 9} == {"a": [1, 2, 2], "b": "text" * 9}

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            def test_passes(): ...
        """,
    },
)
