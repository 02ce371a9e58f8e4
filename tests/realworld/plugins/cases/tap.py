from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-tap",
    load=("tap",),
    uses="its files in the Test Anything Protocol, one for all and one for each test file",
    runs=[["--tap-combined", "--tap-outdir=results"], ["--tap-files", "--tap-outdir=results"]],
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
            def test_passes(): ...
        """,
    },
    volatile=[r"(?m)^(?:not )?ok \\d+"],
)
