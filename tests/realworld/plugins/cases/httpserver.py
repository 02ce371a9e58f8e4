from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-httpserver",
    load=("pytest_httpserver",),
    uses="a server on a free port, what it is to answer, and in which order it is asked",
    files={
        "test_one.py": """
            import urllib.error, urllib.request
            import pytest

            @pytest.mark.parametrize("number", range(3))
            def test_answer(httpserver, number):
                httpserver.expect_request("/x").respond_with_json({"number": number})
                with urllib.request.urlopen(httpserver.url_for("/x")) as answer:
                    assert str(number).encode() in answer.read()

            def test_not_expected(httpserver):
                with pytest.raises(urllib.error.HTTPError):
                    urllib.request.urlopen(httpserver.url_for("/other"))
                httpserver.check_assertions()

            def test_not_asked(httpserver):
                httpserver.expect_oneshot_request("/x").respond_with_data("x")
                with httpserver.wait(timeout=0.1): ...

            @pytest.mark.skip(reason="no")
            def test_skipped(httpserver): ...
        """,
        "test_two.py": """
            def test_passes(): ...
        """,
    },
    volatile=[r"localhost:\d+(?:/other)?|port=\d+", r"http://<volatile>.*"],
)
