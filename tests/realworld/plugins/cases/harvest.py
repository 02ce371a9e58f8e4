from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-harvest",
    load=("harvest",),
    uses="results and values that tests leave for the end of the session",
    files={
        "conftest.py": """
            import json
            import pytest
            from pytest_harvest import get_session_results_dct, saved_fixture

            @pytest.fixture(params=["a", "b"])
            @saved_fixture
            def letter(request):
                return request.param * 2

            def pytest_sessionfinish(session):
                if hasattr(session.config, "workerinput"):
                    return
                results = get_session_results_dct(session)
                with open("results.json", "w") as file:
                    json.dump({name: result["status"] for name, result in results.items()}, file)
        """,
        "test_one.py": """
            import pytest

            def test_letter(letter, results_bag):
                results_bag.size = len(letter)

            def test_fails(letter):
                assert letter == "aa"

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            def test_passes(): ...
        """,
    },
)
