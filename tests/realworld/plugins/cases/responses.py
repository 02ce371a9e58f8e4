from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-responses",
    load=("pytest-responses",),
    requires=["responses", "requests"],
    uses="answers to requests, calls that were not answered or not made",
    files={
        "test_one.py": """
            import pytest
            import requests
            import responses as library

            @pytest.mark.parametrize("number", range(3))
            def test_answer(responses, number):
                responses.add("GET", "https://example.org/", body=str(number))
                assert requests.get("https://example.org/").text == str(number)

            @library.activate
            def test_decorated():
                library.get("https://example.org/x", json={"a": 1})
                assert requests.get("https://example.org/x").json() == {"a": 1}

            def test_not_answered(responses):
                responses.add("GET", "https://example.org/", body="x")
                requests.get("https://example.org/other")

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            import pytest, requests

            @pytest.mark.withoutresponses
            def test_passes(): ...
        """,
    },
)
