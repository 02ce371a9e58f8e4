"""What a customer is about to order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from shop.catalog import Catalog, Product


@dataclass(frozen=True, slots=True)
class Line:
    product: Product
    quantity: int

    @property
    def amount(self) -> Decimal:
        return self.product.price * self.quantity

    @property
    def grams(self) -> int:
        return self.product.grams * self.quantity


class Cart:
    """Quantities by product, in the order in which the customer added them."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._quantities: dict[str, int] = {}

    def add(self, sku: str, quantity: int = 1) -> None:
        if quantity < 1:
            raise ValueError("add at least one; use remove to take something out")
        self._catalog.product(sku)
        self._quantities[sku] = self._quantities.get(sku, 0) + quantity

    def remove(self, sku: str, quantity: int | None = None) -> None:
        """Take `quantity` units out, or all of them."""
        held = self._quantities.get(sku, 0)
        if quantity is None or quantity >= held:
            self._quantities.pop(sku, None)
        else:
            self._quantities[sku] = held - quantity

    @property
    def lines(self) -> list[Line]:
        return [Line(self._catalog.product(sku), count) for sku, count in self._quantities.items()]

    @property
    def subtotal(self) -> Decimal:
        return sum((line.amount for line in self), Decimal(0))

    @property
    def grams(self) -> int:
        return sum(line.grams for line in self)

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines)

    def __bool__(self) -> bool:
        return bool(self._quantities)
