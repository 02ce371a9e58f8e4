from __future__ import annotations

import gc

import pytest

from pytest_parallel_agents.runtest.gc_pause import gc_paused


def test_nothing_is_searched_meanwhile_and_afterwards_as_before() -> None:
    assert gc.isenabled()
    with gc_paused():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with pytest.raises(ValueError, match="within"), gc_paused():
            raise ValueError("within")
        assert not gc.isenabled()
    finally:
        gc.enable()
