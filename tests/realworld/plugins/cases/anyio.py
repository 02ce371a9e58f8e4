from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="anyio",
    load=("anyio",),
    requires=["trio"],
    uses="each test on asyncio and trio, async fixtures of wider scope, free ports",
    files={
        "test_both.py": """
            import anyio
            import pytest

            pytestmark = pytest.mark.anyio

            @pytest.fixture
            async def stream():
                send, receive = anyio.create_memory_object_stream(1)
                async with send, receive:
                    yield send, receive

            async def test_stream(stream):
                send, receive = stream
                await send.send("x")
                assert await receive.receive() == "x"

            async def test_group():
                done = []
                async with anyio.create_task_group() as group:
                    group.start_soon(anyio.sleep, 0)
                    done.append(1)
                assert done == [1]

            async def test_fails():
                async with anyio.create_task_group() as group:
                    group.start_soon(anyio.to_thread.run_sync, int, "x")

            def test_port(free_tcp_port):
                assert free_tcp_port > 0

            @pytest.mark.skip(reason="no")
            async def test_skipped(): ...
        """,
        "test_wide.py": """
            import anyio
            import pytest

            @pytest.fixture(scope="module")
            def anyio_backend():
                return "asyncio"

            @pytest.fixture(scope="module")
            async def wide(anyio_backend):
                await anyio.sleep(0)
                yield []

            @pytest.mark.anyio
            async def test_first(wide):
                wide.append(1)

            @pytest.mark.anyio
            async def test_second(wide):
                assert wide == [1]
        """,
    },
)
