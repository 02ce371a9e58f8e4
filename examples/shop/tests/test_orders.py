from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from shop.cart import Cart
from shop.inventory import Inventory, OutOfStock
from shop.orders import OrderDesk, OrderError, State

TODAY = date(2025, 8, 1)


@pytest.fixture
def desk(inventory: Inventory) -> OrderDesk:
    return OrderDesk(inventory)


def test_an_order_takes_its_items_off_the_stock(
    desk: OrderDesk, cart: Cart, inventory: Inventory
) -> None:
    cart.add("MUG", 5)
    cart.add("TEA", 2)
    order = desk.place("Ada", cart, TODAY)
    assert order.quote.total == Decimal("50.90")
    assert inventory.on_hand() == {"MUG": 9, "TEA": 3}


def test_an_order_that_cannot_be_filled_leaves_the_stock_alone(
    desk: OrderDesk, cart: Cart, inventory: Inventory
) -> None:
    cart.add("MUG", 2)
    cart.add("TEA", 6)
    with pytest.raises(OutOfStock, match="TEA"):
        desk.place("Ada", cart, TODAY)
    assert inventory.on_hand() == {"MUG": 14, "TEA": 5}


def test_an_empty_cart_is_no_order(desk: OrderDesk, cart: Cart) -> None:
    with pytest.raises(OrderError, match="empty"):
        desk.place("Ada", cart, TODAY)


def test_a_cancelled_order_returns_its_items(
    desk: OrderDesk, cart: Cart, inventory: Inventory
) -> None:
    cart.add("MUG", 5)
    cancelled = desk.cancel(desk.place("Ada", cart, TODAY))
    assert cancelled.state is State.CANCELLED
    assert inventory.on_hand()["MUG"] == 14


def test_what_is_shipped_cannot_be_cancelled(desk: OrderDesk, cart: Cart) -> None:
    cart.add("TEA")
    shipped = desk.ship(desk.place("Ada", cart, TODAY))
    with pytest.raises(OrderError, match="shipped"):
        desk.cancel(shipped)
