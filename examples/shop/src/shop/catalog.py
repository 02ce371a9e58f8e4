"""Products and where to look them up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal


class UnknownProduct(LookupError):
    """No product has this stock keeping unit."""


@dataclass(frozen=True, slots=True)
class Product:
    sku: str
    name: str
    price: Decimal
    grams: int
    category: str = "general"

    def __post_init__(self) -> None:
        if self.price < 0:
            raise ValueError(f"{self.sku}: price {self.price} is negative")
        if self.grams <= 0:
            raise ValueError(f"{self.sku}: weight must be positive")


class Catalog:
    """All products on offer, by stock keeping unit."""

    def __init__(self, products: Iterable[Product] = ()) -> None:
        self._products: dict[str, Product] = {}
        for product in products:
            self.add(product)

    def add(self, product: Product) -> None:
        if product.sku in self._products:
            raise ValueError(f"{product.sku} is already in the catalog")
        self._products[product.sku] = product

    def product(self, sku: str) -> Product:
        try:
            return self._products[sku]
        except KeyError:
            raise UnknownProduct(sku) from None

    def in_category(self, category: str) -> list[Product]:
        return [product for product in self if product.category == category]

    def __iter__(self) -> Iterator[Product]:
        return iter(self._products.values())

    def __len__(self) -> int:
        return len(self._products)
