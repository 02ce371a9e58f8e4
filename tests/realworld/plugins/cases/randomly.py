from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-randomly",
    load=("randomly",),
    requires=["faker", "numpy"],
    uses="the order and the state of `random`, numpy and faker by one seed; its line in the header",
    runs=[["--randomly-seed=7"], ["--randomly-seed=last"]],
    files={
        "test_random.py": """
            import random
            import numpy
            import pytest

            @pytest.mark.parametrize("number", range(6))
            def test_number(number):
                print(random.random(), numpy.random.rand())
                assert number != 3

            def test_words():
                print([random.choice("abcdef") for _ in range(9)])

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_faker.py": """
            def test_name():
                from faker import Faker
                print(Faker().name())

            def test_same():
                from faker import Faker
                print(Faker().name())
        """,
        "pytest.ini": """
            [pytest]
            junit_logging = all
            junit_log_passing_tests = true
        """,
    },
)
