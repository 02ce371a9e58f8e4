from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from shop.cart import Cart
from shop.catalog import Catalog, Product
from shop.inventory import Inventory

SPRING = date(2025, 3, 1)
SUMMER = date(2025, 7, 1)


@pytest.fixture
def catalog() -> Catalog:
    return Catalog(
        [
            Product("MUG", "Mug", Decimal("8.50"), 350, "kitchen"),
            Product("POT", "Teapot", Decimal("32.00"), 1_200, "kitchen"),
            Product("TEA", "Green tea", Decimal("4.20"), 100, "food"),
        ]
    )


@pytest.fixture
def cart(catalog: Catalog) -> Cart:
    return Cart(catalog)


@pytest.fixture
def inventory() -> Inventory:
    """Two batches of mugs, the older one entered last; one of tea."""
    inventory = Inventory()
    inventory.receive("MUG", 10, SUMMER)
    inventory.receive("TEA", 5, SPRING)
    inventory.receive("MUG", 4, SPRING)
    return inventory
