from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-trio",
    load=("trio",),
    uses="async tests and fixtures, the clock that jumps, a nursery whose crash fails the test",
    files={
        "test_trio.py": """
            import pytest
            import trio

            @pytest.fixture
            async def values():
                await trio.lowlevel.checkpoint()
                return [1, 2]

            @pytest.mark.trio
            async def test_values(values):
                assert values == [1, 2]

            @pytest.mark.trio
            async def test_clock(autojump_clock):
                began = trio.current_time()
                await trio.sleep(1000)
                assert trio.current_time() - began == 1000

            async def crash():
                raise RuntimeError("in the background")

            @pytest.mark.trio
            async def test_crash(nursery):
                nursery.start_soon(crash)
                await trio.sleep_forever()

            @pytest.mark.trio
            @pytest.mark.xfail(reason="known")
            async def test_known():
                assert False

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
    },
)
