from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-aiohttp",
    load=("aiohttp", "asyncio"),
    requires=["aiohttp", "pytest-asyncio"],
    uses="a server and its client on a free port",
    runs=[["--asyncio-mode=auto", "-o", "asyncio_default_fixture_loop_scope=function"]],
    files={
        "test_one.py": """
            import pytest
            from aiohttp import web

            async def hello(request):
                return web.Response(text="hello " + request.match_info["name"])

            @pytest.fixture
            async def client(aiohttp_client):
                app = web.Application()
                app.router.add_get("/{name}", hello)
                return await aiohttp_client(app)

            @pytest.mark.parametrize("name", ["a", "b", "c"])
            async def test_hello(client, name):
                answer = await client.get("/" + name)
                assert await answer.text() == "hello " + name

            async def test_fails(client):
                answer = await client.get("/x/y")
                assert 200 == int(answer.status), "not found"

            @pytest.mark.skip(reason="no")
            async def test_skipped(client): ...
        """,
        "test_two.py": """
            def test_passes(): ...
        """,
    },
    volatile=[r"127\.0\.0\.1:\d+"],
)
