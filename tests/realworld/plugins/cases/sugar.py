from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-sugar",
    load=("sugar",),
    uses="its progress, its marks of outcomes and its summary",
    runs=[["--force-sugar"]],
    files={
        "test_one.py": """
            import pytest

            @pytest.mark.parametrize("number", range(4))
            def test_number(number):
                assert number != 3

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...

            @pytest.mark.xfail(reason="known")
            def test_known(): assert 0
        """,
        "test_two.py": """
            import pytest

            @pytest.fixture
            def broken():
                raise RuntimeError("no set-up")

            def test_error(broken): ...
        """,
    },
    shown=r"^(?:Results|     +\\d+ \\w+|         - .*|E  .*|.*FAILED.*|.*ERROR.*)$",
)
