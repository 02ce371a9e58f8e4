from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-reportlog",
    load=("pytest_reportlog",),
    uses="one line of JSON for each report, warning and the session's ends",
    runs=[["--report-log=log.jsonl", "--continue-on-collection-errors"]],
    files={
        "test_report.py": """
            import warnings
            import pytest

            def test_passes(record_property):
                record_property("key", "value")
                print("printed")

            def test_warns():
                warnings.warn("old", DeprecationWarning)

            def test_fails():
                assert 1 == 2

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_broken.py": "import no_such_module",
    },
)
