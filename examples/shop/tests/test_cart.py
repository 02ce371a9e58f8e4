from __future__ import annotations

from decimal import Decimal

import pytest

from shop.cart import Cart
from shop.catalog import Catalog, Product, UnknownProduct


def test_a_new_cart_is_empty(cart: Cart) -> None:
    assert not cart
    assert cart.subtotal == 0


def test_the_same_product_is_one_line(cart: Cart) -> None:
    cart.add("MUG")
    cart.add("TEA")
    cart.add("MUG", 2)
    assert [(line.product.sku, line.quantity) for line in cart] == [("MUG", 3), ("TEA", 1)]


def test_subtotal_and_weight_count_every_unit(cart: Cart) -> None:
    cart.add("MUG", 2)
    cart.add("TEA", 3)
    assert cart.subtotal == Decimal("29.60")
    assert cart.grams == 1_000


def test_some_units_can_be_removed(cart: Cart) -> None:
    cart.add("TEA", 3)
    cart.remove("TEA", 1)
    assert cart.lines[0].quantity == 2


@pytest.mark.parametrize("quantity", [None, 3, 7])
def test_removing_all_units_removes_the_line(cart: Cart, quantity: int | None) -> None:
    cart.add("TEA", 3)
    cart.remove("TEA", quantity)
    assert not cart


def test_an_unknown_product_cannot_be_added(cart: Cart) -> None:
    with pytest.raises(UnknownProduct, match="CUP"):
        cart.add("CUP")


def test_nothing_cannot_be_added(cart: Cart) -> None:
    with pytest.raises(ValueError, match="at least one"):
        cart.add("MUG", 0)


def test_a_stock_keeping_unit_is_unique(catalog: Catalog) -> None:
    with pytest.raises(ValueError, match="already"):
        catalog.add(Product("MUG", "Another mug", Decimal(9), 300))


def test_products_are_found_by_category(catalog: Catalog) -> None:
    assert [product.sku for product in catalog.in_category("kitchen")] == ["MUG", "POT"]
