from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-asyncio",
    load=("asyncio",),
    uses="coroutines in both modes, loops that a module and a session share, async fixtures, a task that is left",
    runs=[["--asyncio-mode=auto"], ["--asyncio-mode=strict"]],
    files={
        "test_loops.py": """
            import asyncio
            import pytest
            import pytest_asyncio

            @pytest_asyncio.fixture(loop_scope="session", scope="session")
            async def server():
                queue = asyncio.Queue()
                yield queue
                await asyncio.sleep(0)

            @pytest_asyncio.fixture
            async def value():
                await asyncio.sleep(0)
                return 3

            @pytest.mark.asyncio
            async def test_value(value):
                assert value == 3

            @pytest.mark.asyncio(loop_scope="session")
            @pytest.mark.parametrize("number", range(4))
            async def test_shared(server, number):
                await server.put(number)
                assert await server.get() == number

            @pytest.mark.asyncio
            async def test_fails(value):
                assert value == 4

            async def test_unmarked(value):
                assert value == 3

            @pytest.mark.asyncio
            async def test_task_is_left():
                asyncio.get_running_loop().create_task(asyncio.sleep(60))

            @pytest.mark.asyncio
            @pytest.mark.skip(reason="later")
            async def test_skipped(): ...
        """,
        "test_module_loop.py": """
            import asyncio
            import pytest
            import pytest_asyncio

            pytestmark = pytest.mark.asyncio(loop_scope="module")

            @pytest_asyncio.fixture(loop_scope="module", scope="module")
            async def loop():
                return asyncio.get_running_loop()

            async def test_one(loop):
                assert loop is asyncio.get_running_loop()

            async def test_two(loop):
                assert loop is asyncio.get_running_loop()
        """,
    },
)
