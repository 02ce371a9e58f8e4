from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="Faker",
    load=("faker",),
    uses="the fixture `faker`, its seed and its languages",
    files={
        "pytest.ini": """
            [pytest]
            junit_logging = all
            junit_log_passing_tests = true
        """,
        "test_one.py": """
            import pytest

            @pytest.mark.parametrize("number", range(4))
            def test_name(faker, number):
                print(faker.name(), faker.random_int())
                assert number != 3

            @pytest.fixture
            def faker_seed():
                return 12345

            def test_seeded(faker):
                print(faker.name())

            @pytest.fixture
            def faker_locale():
                return ["de_DE"]

            def test_language(faker):
                print(faker.city())

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            def test_unique(faker):
                print([faker.unique.random_digit() for _ in range(5)])
        """,
    },
)
