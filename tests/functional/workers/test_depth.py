"""How many frames lie below a test: what recurses deeply or looks along the stack notices it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.functional.runs import run_agents, run_pytest
from tests.functional.workers.conftest import Agents

SUITE = """
    import inspect, pathlib, sys
    import pytest

    def deepest(depth=0):
        try:
            return deepest(depth + 1)
        except RecursionError:
            return depth

    @pytest.mark.parametrize("number", range(4))
    def test_depth(number):
        assert sys.exc_info() == (None, None, None)
        frames = len(inspect.stack())
        pathlib.Path("depth.txt").write_text(f"{frames} {deepest()}")
"""
MOST = 3


@pytest.fixture
def plain(pytester: pytest.Pytester) -> tuple[int, int]:
    """Frames below a test of plain pytest, and how many more there may be."""
    pytester.makepyfile(SUITE)
    run_pytest(pytester, "-pno:cacheprovider").assert_outcomes(passed=4)
    return _depths(pytester.path)


def test_few_frames_more_lie_below_a_test_than_in_plain_pytest(
    agents: Agents, pytester: pytest.Pytester, plain: tuple[int, int]
) -> None:
    assert set(agents().outcomes.values()) == {"passed"}

    _assert_few_more(_depths(pytester.path), plain)


@pytest.mark.slow
def test_nor_without_workers(pytester: pytest.Pytester, plain: tuple[int, int]) -> None:
    assert set(run_agents(pytester, "-n0").outcomes.values()) == {"passed"}

    _assert_few_more(_depths(pytester.path), plain)


def _assert_few_more(depths: tuple[int, int], plain: tuple[int, int]) -> None:
    assert depths[0] <= plain[0] + MOST
    assert depths[1] >= plain[1] - MOST


def _depths(folder: Path) -> tuple[int, int]:
    frames, recursion = (folder / "depth.txt").read_text("utf-8").split()
    return int(frames), int(recursion)
