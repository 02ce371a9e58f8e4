from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-rich",
    load=("rich",),
    uses="its progress, tracebacks and summary",
    runs=[["--rich"]],
    files={
        "test_one.py": """
            import pytest

            @pytest.mark.parametrize("number", range(4))
            def test_number(number):
                assert number != 3

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            def test_passes(): ...
        """,
    },
    tty=True,
    shown=r"^│.*$|^FAILED.*$",
)
