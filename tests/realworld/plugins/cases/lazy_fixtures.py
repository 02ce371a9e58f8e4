from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-lazy-fixtures",
    load=("pytest_lazyfixture",),
    uses="fixtures as parameters, also of wider scope, and calls of them",
    files={
        "test_one.py": """
            import pytest
            from pytest_lazy_fixtures import lf, lfc

            @pytest.fixture
            def one():
                return 1

            @pytest.fixture(scope="module")
            def log():
                return []

            @pytest.mark.parametrize("value", [lf("one"), 2, lfc(lambda it: it + 2, lf("one"))])
            def test_value(value):
                assert value < 3

            @pytest.mark.parametrize("kept", [lf("log")])
            def test_first(kept):
                kept.append(1)

            @pytest.mark.parametrize("kept", [lf("log")])
            def test_second(kept):
                assert kept == [1]

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            def test_passes(): ...
        """,
    },
)
