"""Budgets count function calls: unlike seconds they are the same on every machine."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from shop.cart import Cart
from shop.catalog import Catalog
from shop.inventory import Inventory
from shop.orders import OrderDesk

ORDERS = 300


@pytest.mark.agent("profile")
def test_a_busy_day_stays_in_budget(profile, catalog: Catalog) -> None:
    """Picking must not get slower with the number of batches in the warehouse."""
    first_day = date(2024, 1, 1)
    inventory = Inventory()
    for day in range(ORDERS):
        inventory.receive("MUG", 2, first_day + timedelta(days=day))
    desk = OrderDesk(inventory)
    with profile() as run:
        for _ in range(ORDERS):
            cart = Cart(catalog)
            cart.add("MUG", 2)
            desk.place("Ada", cart, first_day)
    assert run.calls < 100 * ORDERS
