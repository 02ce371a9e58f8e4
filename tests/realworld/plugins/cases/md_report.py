from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-md-report",
    load=("pytest-md-report",),
    uses="its table of the outcomes by file",
    runs=[["--md-report", "--md-report-output=report.md", "--md-report-verbose=1", "--md-report-color=never"]],
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

            def test_passes(): ...
        """,
    },
)
