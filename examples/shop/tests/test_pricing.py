from __future__ import annotations

from decimal import Decimal

import pytest

from shop.cart import Cart
from shop.pricing import EveryNthFree, PercentOff, quote, shipping


def test_a_quote_adds_shipping_and_contains_tax(cart: Cart) -> None:
    cart.add("TEA", 2)
    priced = quote(cart)
    assert (priced.subtotal, priced.shipping) == (Decimal("8.40"), Decimal("2.90"))
    assert priced.total == Decimal("11.30")
    assert priced.tax == Decimal("1.80")


def test_a_percentage_can_be_limited_to_a_category(cart: Cart) -> None:
    cart.add("MUG", 2)
    cart.add("TEA", 1)
    assert quote(cart, [PercentOff(Decimal(10), "kitchen")]).discount == Decimal("1.70")


def test_every_third_is_free(cart: Cart) -> None:
    cart.add("MUG", 7)
    assert quote(cart, [EveryNthFree("MUG", 3)]).discount == Decimal("17.00")


def test_the_best_discount_counts(cart: Cart) -> None:
    cart.add("MUG", 3)
    best = quote(cart, [PercentOff(Decimal(10)), EveryNthFree("MUG", 3)])
    assert best.discount == Decimal("8.50")


@pytest.mark.parametrize(
    ("grams", "goods", "postage"),
    [
        (500, "10.00", "2.90"),
        (501, "10.00", "4.90"),
        (2_001, "10.00", "9.90"),
        (2_001, "50.00", "0"),
        (10_001, "500.00", "29.90"),
    ],
)
def test_shipping_depends_on_weight_and_worth(grams: int, goods: str, postage: str) -> None:
    assert shipping(grams, Decimal(goods)) == Decimal(postage)
