from __future__ import annotations

from datetime import date

import pytest

from shop.inventory import Inventory, Pick


def test_the_oldest_batch_is_picked_first(inventory: Inventory) -> None:
    assert inventory.pick("MUG", 3) == [Pick(3, "MUG", 3)]


def test_a_pick_goes_on_with_the_next_batch(inventory: Inventory) -> None:
    assert inventory.pick("MUG", 6) == [Pick(3, "MUG", 4), Pick(1, "MUG", 2)]
    assert inventory.on_hand()["MUG"] == 8


def test_everything_can_be_picked(inventory: Inventory) -> None:
    inventory.pick("TEA", 5)
    assert inventory.on_hand()["TEA"] == 0


def test_picks_can_be_put_back(inventory: Inventory) -> None:
    inventory.put_back(inventory.pick("MUG", 6))
    assert inventory.on_hand() == {"MUG": 14, "TEA": 5}


def test_nothing_cannot_be_received(inventory: Inventory) -> None:
    with pytest.raises(ValueError, match="cannot receive 0"):
        inventory.receive("MUG", 0, date(2025, 1, 1))
