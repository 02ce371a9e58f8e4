"""What a cart costs: discounts, shipping, tax."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from shop.cart import Cart

CENT = Decimal("0.01")
TAX_RATE = Decimal("0.19")
FREE_SHIPPING_FROM = Decimal("50.00")
SHIPPING_BY_GRAMS = (
    (500, Decimal("2.90")),
    (2_000, Decimal("4.90")),
    (10_000, Decimal("9.90")),
)
FREIGHT = Decimal("29.90")


class Discount(Protocol):
    def reduction(self, cart: Cart) -> Decimal:
        """How much this takes off the subtotal."""


@dataclass(frozen=True, slots=True)
class PercentOff:
    """A share of everything in one category, or of the whole cart."""

    percent: Decimal
    category: str | None = None

    def reduction(self, cart: Cart) -> Decimal:
        eligible = (
            line.amount
            for line in cart
            if self.category is None or line.product.category == self.category
        )
        return sum(eligible, Decimal(0)) * self.percent / 100


@dataclass(frozen=True, slots=True)
class EveryNthFree:
    """Buy `n` of one product, pay `n - 1`."""

    sku: str
    n: int

    def reduction(self, cart: Cart) -> Decimal:
        return sum(
            (
                line.product.price * (line.quantity // self.n)
                for line in cart
                if line.product.sku == self.sku
            ),
            Decimal(0),
        )


@dataclass(frozen=True, slots=True)
class Quote:
    """What the customer pays. `tax` is contained in `total`."""

    subtotal: Decimal
    discount: Decimal
    shipping: Decimal
    tax: Decimal
    total: Decimal


def quote(cart: Cart, discounts: Sequence[Discount] = ()) -> Quote:
    """Price a cart with the best of the discounts; they do not add up."""
    subtotal = cart.subtotal
    discount = max((_cents(each.reduction(cart)) for each in discounts), default=Decimal(0))
    goods = subtotal - min(discount, subtotal)
    postage = shipping(cart.grams, goods)
    total = goods + postage
    return Quote(
        subtotal=_cents(subtotal),
        discount=discount,
        shipping=postage,
        tax=_cents(total - total / (1 + TAX_RATE)),
        total=_cents(total),
    )


def shipping(grams: int, goods: Decimal) -> Decimal:
    """Postage by weight; nothing from a certain worth of goods on, freight always costs."""
    for limit, postage in SHIPPING_BY_GRAMS:
        if grams <= limit:
            return Decimal(0) if goods >= FREE_SHIPPING_FROM else postage
    return FREIGHT


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)
