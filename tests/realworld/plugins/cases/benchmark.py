from __future__ import annotations

import json
from typing import Any

from tests.realworld.plugins.case import Case


def _without_times(measured: dict[str, Any]) -> object:
    """Which benchmarks were measured, and how often."""
    return [
        {
            **{key: entry[key] for key in ("group", "name", "fullname", "params", "extra_info")},
            "rounds": entry["stats"]["rounds"],
        }
        for entry in measured["benchmarks"]
    ]


CASE = Case(
    name="pytest-benchmark",
    load=("benchmark",),
    uses="measurements in its table and its file, saved and compared; skipped and disabled ones",
    runs=[
        ["--benchmark-json=measured.json", "--benchmark-columns=rounds,iterations"],
        ["--benchmark-skip"],
        ["--benchmark-disable"],
    ],
    files={
        "test_one.py": """
            import pytest

            def test_sum(benchmark):
                assert benchmark.pedantic(sum, args=([1, 2],), rounds=3, iterations=2) == 3

            @pytest.mark.benchmark(group="sorts")
            @pytest.mark.parametrize("size", [10, 20])
            def test_sort(benchmark, size):
                benchmark.extra_info["size"] = size
                benchmark.pedantic(sorted, args=(list(range(size)),), rounds=2)

            @pytest.mark.skip(reason="no")
            def test_skipped(benchmark): ...
        """,
        "test_two.py": """
            def test_passes(): ...

            def test_fails(benchmark):
                benchmark.pedantic(int, args=("x",))
        """,
    },
    readers={"measured.json": lambda said: json.dumps(_without_times(json.loads(said)))},
)
