from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-describe",
    load=("pytest-describe",),
    uses="blocks of tests, nested, with fixtures of their own",
    files={
        "test_one.py": """
            import pytest

            def describe_list():
                @pytest.fixture
                def numbers():
                    return [1, 2]

                def has_length(numbers):
                    assert len(numbers) == 2

                def describe_when_empty():
                    @pytest.fixture
                    def numbers():
                        return []

                    def is_false(numbers):
                        assert not numbers

                    def has_an_entry(numbers):
                        assert numbers[0]

                @pytest.mark.skip(reason="no")
                def is_skipped(): ...
        """,
        "test_two.py": """
            def test_passes(): ...
        """,
    },
)
