"""From a cart to a parcel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from shop.cart import Cart
from shop.inventory import Inventory, OutOfStock, Pick
from shop.pricing import Discount, Quote, quote


class OrderError(Exception):
    """The order cannot do that in the state it is in."""


class State(StrEnum):
    PLACED = "placed"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Item:
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Order:
    number: int
    customer: str
    placed: date
    items: tuple[Item, ...]
    quote: Quote
    picks: tuple[Pick, ...]
    state: State = State.PLACED


class OrderDesk:
    """Places, ships and cancels orders, and keeps the stock in step with them."""

    def __init__(self, inventory: Inventory, first_number: int = 1) -> None:
        self._inventory = inventory
        self._next_number = first_number

    def place(
        self, customer: str, cart: Cart, today: date, discounts: Sequence[Discount] = ()
    ) -> Order:
        """Pick everything in the cart, or refuse the order and leave the stock as it was.

        Raises OrderError for an empty cart and OutOfStock when something is missing.
        """
        if not cart:
            raise OrderError("the cart is empty")
        picks = self._pick_all(cart)
        order = Order(
            number=self._next_number,
            customer=customer,
            placed=today,
            items=tuple(Item(line.product.sku, line.quantity) for line in cart),
            quote=quote(cart, discounts),
            picks=tuple(picks),
        )
        self._next_number += 1
        return order

    def ship(self, order: Order) -> Order:
        if order.state is not State.PLACED:
            raise OrderError(f"order {order.number} is {order.state}, it cannot be shipped")
        return replace(order, state=State.SHIPPED)

    def cancel(self, order: Order) -> Order:
        """Put what was picked back on stock."""
        if order.state is not State.PLACED:
            raise OrderError(f"order {order.number} is {order.state}, it cannot be cancelled")
        self._inventory.put_back(order.picks)
        return replace(order, state=State.CANCELLED)

    def _pick_all(self, cart: Cart) -> list[Pick]:
        picks: list[Pick] = []
        try:
            for line in cart:
                picks += self._inventory.pick(line.product.sku, line.quantity)
        except OutOfStock:
            self._inventory.put_back(picks)
            raise
        return picks
