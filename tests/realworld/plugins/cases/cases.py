from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-cases",
    load=("cases",),
    uses="cases in a file beside the test, unions of fixtures, tags",
    files={
        "test_one_cases.py": """
            from pytest_cases import case

            def case_small():
                return 1, 2

            @case(tags="odd")
            def case_wrong():
                return 1, 3
        """,
        "test_one.py": """
            import pytest
            from pytest_cases import fixture, fixture_union, parametrize_with_cases

            @parametrize_with_cases("before, after")
            def test_next(before, after):
                assert before + 1 == after

            @fixture
            def first():
                return "first"

            @fixture(scope="module")
            def second():
                return "second"

            either = fixture_union("either", [first, second])

            def test_union(either):
                assert either in ("first", "second")

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            def test_passes(): ...
        """,
    },
)
