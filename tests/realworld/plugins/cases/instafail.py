from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-instafail",
    load=("instafail",),
    uses="each failure at once",
    runs=[["--instafail"]],
    files={
        "test_one.py": """
            import pytest

            @pytest.mark.parametrize("number", range(4))
            def test_number(number):
                print("printed")
                assert number != 3

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            import pytest

            @pytest.fixture
            def broken():
                raise RuntimeError("no set-up")

            def test_error(broken): ...
        """,
    },
)
