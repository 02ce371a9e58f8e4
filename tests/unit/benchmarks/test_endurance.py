from __future__ import annotations

import pytest

from benchmarks.endurance import MEMORY_TOLERANCE, WARM_UP, growth, measure


@pytest.mark.skipif(pytest.version_tuple < (9, 1), reason="pytest 9.0 leaves folders behind itself")
@pytest.mark.slow
@pytest.mark.parametrize("transport", ["fork", "popen"])
def test_runs_leave_nothing_behind(transport: str) -> None:
    counts = measure(transport, WARM_UP + 3)

    assert len(counts) == WARM_UP + 3
    assert growth(counts) == {}


def test_only_more_than_while_the_process_warmed_up_is_growth() -> None:
    def count(processes: int, memory: int) -> dict[str, int]:
        return {"processes": processes, "memory": memory}

    early = [count(1, 0), count(2, 10), count(0, 0)]

    assert growth([*early, count(9, 9), count(2, MEMORY_TOLERANCE)]) == {}
    assert growth([*early, count(3, MEMORY_TOLERANCE + 11)]) == {"processes": 1, "memory": MEMORY_TOLERANCE + 1}
