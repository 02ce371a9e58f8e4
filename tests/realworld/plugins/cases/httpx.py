from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-httpx",
    load=("pytest_httpx", "asyncio"),
    requires=["httpx", "pytest-asyncio"],
    uses="answers to httpx, sync and async, and those that nobody asked for",
    runs=[["-o", "asyncio_default_fixture_loop_scope=function"]],
    files={
        "test_one.py": """
            import httpx
            import pytest

            @pytest.mark.parametrize("number", range(3))
            def test_answer(httpx_mock, number):
                httpx_mock.add_response(json={"number": number})
                with httpx.Client() as client:
                    assert client.get("https://example.org").json() == {"number": number}

            @pytest.mark.asyncio
            async def test_async(httpx_mock):
                httpx_mock.add_response(text="x")
                async with httpx.AsyncClient() as client:
                    assert (await client.get("https://example.org")).text == "x"

            def test_not_asked(httpx_mock):
                httpx_mock.add_response(text="x")

            def test_not_answered(httpx_mock):
                with httpx.Client() as client:
                    client.get("https://example.org")

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            def test_passes(): ...
        """,
    },
)
