from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-github-actions-annotate-failures",
    load=("pytest_github_actions_annotate_failures",),
    uses="annotations of failures for GitHub",
    environment={"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": "."},
    files={
        "test_one.py": """
            import warnings
            import pytest

            @pytest.mark.parametrize("number", range(4))
            def test_number(number):
                assert number != 3

            def test_warns():
                warnings.warn("old", DeprecationWarning)

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            def test_passes(): ...
        """,
    },
    shown=r"::(?:error|warning) .*$",
)
