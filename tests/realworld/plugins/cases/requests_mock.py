from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="requests-mock",
    load=("requests_mock",),
    requires=["requests"],
    uses="answers to requests, and its history of them",
    files={
        "test_one.py": """
            import pytest, requests

            @pytest.mark.parametrize("number", range(3))
            def test_answer(requests_mock, number):
                requests_mock.get("https://example.org/", text=str(number))
                assert requests.get("https://example.org/").text == str(number)
                assert requests_mock.call_count == 1

            def test_not_answered(requests_mock):
                requests.get("https://example.org/")

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            def test_passes(): ...
        """,
    },
)
