from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="hypothesis",
    load=("hypothesispytest",),
    uses="examples, the smallest that fails, its database, statistics, profiles and notes in JUnit",
    runs=[["--hypothesis-show-statistics", "--hypothesis-seed=7"], ["--hypothesis-profile=few", "--hypothesis-seed=7"]],
    files={
        "conftest.py": """
            from hypothesis import settings
            settings.register_profile("few", max_examples=5)
        """,
        "test_one.py": """
            import pytest
            from hypothesis import event, given, settings, strategies as st

            @given(st.booleans())
            @settings(max_examples=20)
            def test_passes(flag):
                event("yes" if flag else "no")
                assert flag is bool(flag)

            @given(st.integers(0, 1000))
            @settings(derandomize=True, database=None)
            def test_fails(number):
                assert number < 17

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            from hypothesis import given, settings, strategies as st

            @given(st.lists(st.integers()))
            @settings(max_examples=10, derandomize=True)
            def test_list(numbers):
                assert sorted(numbers) == sorted(numbers[::-1])
        """,
    },
    ignored=[".hypothesis/*"],
    volatile=[r"~ \\d+ ?-? ?\\d* ?ms|< 1ms|~ \\d+ms|Typical runtimes: .*|\\d+(?:\\.\\d+)?% of|ca\\. .*"],
)
