from __future__ import annotations

import pytest

from pytest_parallel_agents.scheduling.cutting import best_cut
from pytest_parallel_agents.scheduling.stretches import Seam


def cut(seconds: list[float], seams: str, *, busy: float = 0.0) -> int | None:
    """`seams` has a letter for each check: F, C or P where a file, a class or a part begins."""
    kinds = {"F": Seam.FILE, "C": Seam.CLASS, "P": Seam.PART}
    found = {index: kinds[seam] for index, seam in enumerate(seams) if seam in kinds}
    return best_cut(range(len(seconds)), seconds, found, busy=busy)


@pytest.mark.parametrize(
    ("seams", "place"),
    [
        ("PPPPPPPP", 4),
        ("PPPPPPFP", 6),
        ("FPFPPPFP", 2),
        ("PPPPPCPP", 5),
        ("PPPPPPPC", 4),
        ("P--P----", 3),
        ("--------", None),
    ],
)
def test_whole_files_before_classes_before_halves(seams: str, place: int | None) -> None:
    assert cut([1.0] * 8, seams) == place


@pytest.mark.parametrize(("busy", "place"), [(2.0, 3), (4.0, 2), (99.0, 0)])
def test_a_worker_that_has_more_to_do_keeps_less(busy: float, place: int) -> None:
    assert cut([1.0] * 8, "PPPPPPPP", busy=busy) == place


def test_a_rest_that_is_not_worth_a_cut_goes_whole() -> None:
    assert cut([0.001] * 8, "PPPPPPPP") == 0


@pytest.mark.parametrize(
    ("seconds", "place"),
    [
        ([1.0, 1.0, 1.0, 1.0, 6.0, 1.0, 1.0], 4),
        ([1.0, 1.0, 6.0, 1.0, 1.0, 1.0, 1.0], 2),
        ([6.0, 1.0, 1.0], 1),
    ],
)
def test_a_long_part_begins_in_time(seconds: list[float], place: int) -> None:
    assert cut(seconds, "P" * len(seconds)) == place
