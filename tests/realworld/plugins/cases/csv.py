from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-csv",
    load=("pytest_csv",),
    uses="its file of outcomes, with properties and parameters",
    runs=[["--csv=report.csv", "--csv-columns=id,status,message,properties,parameters"]],
    files={
        "test_one.py": """
            import pytest

            @pytest.mark.parametrize("number", range(4))
            def test_number(number, record_property):
                record_property("half", number / 2)
                assert number != 3

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            def test_passes(): ...
        """,
        "pytest.ini": """
            [pytest]
            junit_family = xunit1
        """,
    },
)
