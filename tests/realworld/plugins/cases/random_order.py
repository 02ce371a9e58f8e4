from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-random-order",
    load=("random_order",),
    uses="the order by one seed, in buckets, without those that are marked; its line in the header",
    runs=[["--random-order-seed=7", "--random-order-bucket=module"], ["--random-order-seed=7", "--lf"]],
    files={
        "test_one.py": """
            import pytest

            @pytest.mark.parametrize("number", range(6))
            def test_number(number):
                assert number != 3

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            import pytest

            pytestmark = pytest.mark.random_order(disabled=True)
            seen = []

            @pytest.fixture(scope="module")
            def log():
                return []

            def test_first(log):
                log.append(1)

            def test_second(log):
                assert log == [1]
        """,
    },
)
